const directory = '/etc/systemd/system'

export const unitPath = (unit: string) => `${directory}/${unit}`

export const dropinPath = (unit: string, dropin: string) => `${directory}/${unit}.d/${dropin}`

/** Read by systemd on first boot, when it applies presets to all units: systemd.preset(5). */
export const presetPath = '/etc/systemd/system-preset/20-ignition.preset'
