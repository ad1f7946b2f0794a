#!/bin/sh
# Stands in for useradd, usermod, userdel, groupadd, groupmod and groupdel, by the name it is called by. It changes the
# files of --root in the one way that the cases expect to the byte: the date is fixed, numbers count up from a fixed
# start, nothing comes from the machine's login.defs.
set -eu
tool=$(basename "$0")
root= name= uid= gid= password= comment= home= shell= groups= system= create_home= remove= user_group=yes
groups_given= password_given= comment_given= uid_given=
today=17331

die() { echo "$tool: $1" >&2; exit "$2"; }

case $tool in
  useradd) allowed='root home-dir create-home no-create-home no-user-group system no-log-init password uid comment gid groups shell' ;;
  usermod) allowed='root home-dir move-home no-user-group password uid comment gid groups shell' ;;
  userdel) allowed='remove root' ;;
  groupadd) allowed='root system password gid' ;;
  groupmod) allowed='root password gid' ;;
  groupdel) allowed='root' ;;
  *) die 'not one of the tools' 2 ;;
esac
while [ $# -gt 0 ]; do
  case $1 in
    --*)
      word=${1%%=*} value=
      case " $allowed " in *" ${word#--} "*) ;; *) die "unknown option $1" 2 ;; esac
      case $word in
        --create-home) create_home=yes; shift; continue ;;
        --no-create-home | --no-log-init | --move-home) shift; continue ;;
        --no-user-group) user_group=; shift; continue ;;
        --system) system=yes; shift; continue ;;
        --remove) remove=yes; shift; continue ;;
      esac
      case $1 in
        *=*) value=${1#*=}; shift ;;
        *) [ $# -ge 2 ] || die "no value for $1" 2; value=$2; shift 2 ;;
      esac
      case $word in
        --root) root=$value ;;
        --home-dir) home=$value ;;
        --password) password=$value password_given=yes ;;
        --uid) uid=$value ;;
        --comment) comment=$value comment_given=yes ;;
        --gid) gid=$value ;;
        --groups) groups=$value groups_given=yes ;;
        --shell) shell=$value ;;
      esac ;;
    -*) die "unknown option $1" 2 ;;
    *) name=$1; shift ;;
  esac
done
[ -n "$name" ] || die 'no name' 2

etc=$root/etc
mkdir -p "$etc"
touch "$etc/passwd" "$etc/shadow" "$etc/group" "$etc/gshadow"

# has FILE: whether the file has an entry of the name
has() { awk -F: -v name="$name" '$1 == name { found = 1 } END { exit !found }' "$etc/$1"; }
# free FILE FIRST: the first number from FIRST on that no entry has
free() { awk -F: -v next_one="$2" '{ taken[$3] = 1 } END { while (next_one in taken) next_one++; print next_one }' "$etc/$1"; }
# edit FILE PROGRAM [VARIABLE=VALUE]...: awk over the colon-separated lines of a file
edit() {
  file=$etc/$1 program=$2
  shift 2
  awk -F: -v OFS=: -v name="$name" "$@" "$program { print }" "$file" >"$file.new"
  cat "$file.new" >"$file"
  rm "$file.new"
}
drop() { edit "$1" '$1 == name { next }'; }
# join_groups: makes the user a member of each group in $groups
join_groups() {
  for file in group gshadow; do
    edit "$file" 'function member(list) { return ("," list ",") ~ ("," name ",") }
      ("," groups ",") ~ ("," $1 ",") && !member($4) { $4 = $4 == "" ? name : $4 "," name }' -v "groups=$groups"
  done
}
leave_groups() {
  for file in group gshadow; do
    edit "$file" '{ list = "," $4 ","; gsub("," name ",", ",", list); gsub(/^,|,$/, "", list); $4 = list }'
  done
}

case $tool in
  useradd)
    ! has passwd || die "user $name exists" 9
    first=1000
    [ -z "$system" ] || first=201
    [ -n "$uid" ] || uid=$(free passwd $first)
    if [ -z "$gid" ]; then
      if [ -n "$user_group" ]; then
        gid=$uid
        echo "$name:x:$gid:" >>"$etc/group"
        echo "$name:!::" >>"$etc/gshadow"
      else
        gid=100
      fi
    fi
    [ -n "$home" ] || home=/home/$name
    echo "$name:x:$uid:$gid:$comment:$home:${shell:-/bin/bash}" >>"$etc/passwd"
    echo "$name:${password:-!}:$today:0:99999:7:::" >>"$etc/shadow"
    [ -z "$groups" ] || join_groups
    if [ -n "$create_home" ] && [ ! -e "$root$home" ]; then
      mkdir -p "$root$home"
      chmod 755 "$root$home"
      chown "$uid:$gid" "$root$home"
    fi ;;
  usermod)
    has passwd || die "user $name does not exist" 6
    edit passwd '$1 == name {
      if (uid != "") $3 = uid
      if (gid != "") $4 = gid
      if (comment_given) $5 = comment
      if (home != "") $6 = home
      if (shell != "") $7 = shell
    }' -v "uid=$uid" -v "gid=$gid" -v "comment=$comment" -v "comment_given=$comment_given" -v "home=$home" -v "shell=$shell"
    [ -z "$password_given" ] || edit shadow '$1 == name { $2 = password; $3 = today }' -v "password=$password" -v "today=$today"
    [ -z "$groups_given" ] || { leave_groups; join_groups; } ;;
  userdel)
    has passwd || die "user $name does not exist" 6
    home=$(awk -F: -v name="$name" '$1 == name { print $6 }' "$etc/passwd")
    leave_groups
    for file in passwd shadow group gshadow; do drop $file; done
    [ -z "$remove" ] || [ -z "$home" ] || rm -rf "${root:?}$home" ;;
  groupadd)
    ! has group || die "group $name exists" 9
    first=1000
    [ -z "$system" ] || first=201
    [ -n "$gid" ] || gid=$(free group $first)
    echo "$name:x:$gid:" >>"$etc/group"
    echo "$name:${password:-!}::" >>"$etc/gshadow" ;;
  groupmod)
    has group || die "group $name does not exist" 6
    [ -z "$gid" ] || edit group '$1 == name { $3 = gid }' -v "gid=$gid"
    [ -z "$password_given" ] || edit gshadow '$1 == name { $2 = password }' -v "password=$password" ;;
  groupdel)
    has group || die "group $name does not exist" 6
    drop group
    drop gshadow ;;
esac
