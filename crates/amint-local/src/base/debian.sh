# Turns a fresh Debian tree into a bootable disk. Runs in mmdebstrap's user namespace.
# $1: the tree; $2: where the disk, the kernel and the package list go; $3: byte offset of the root
# partition on the disk; $4: size of its file system in KiB.
set -eu
root=$1 out=$2 offset=$3 size=$4

# The tree takes some files from this computer; none of them belongs in an image.
echo debian >"$root/etc/hostname"
printf '127.0.0.1\tlocalhost debian\n::1\tlocalhost\n' >"$root/etc/hosts"
: >"$root/etc/machine-id"
rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/dbus/machine-id"

echo 'LABEL=root / ext4 defaults 0 1' >"$root/etc/fstab"
printf '[Match]\nType=ether\n\n[Network]\nDHCP=yes\n' >"$root/etc/systemd/network/80-dhcp.network"
# The resolver of QEMU's user-mode network; a cloud's own is set by cloud-init.
rm -f "$root/etc/resolv.conf"
echo 'nameserver 10.0.2.3' >"$root/etc/resolv.conf"
chroot "$root" systemctl --quiet enable systemd-networkd.service
chroot "$root" systemctl --quiet disable systemd-networkd-wait-online.service

# An image ships without host keys. cloud-init makes new ones in a cloud, and this makes them elsewhere.
mkdir -p "$root/etc/systemd/system/ssh.service.d"
printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' \
    >"$root/etc/systemd/system/ssh.service.d/host-keys.conf"

# mmdebstrap keeps services from starting while it works, and undoes that only after this hook.
rm -f "$root/usr/sbin/policy-rc.d"
for program in "$root/usr/sbin/start-stop-daemon" "$root/sbin/start-stop-daemon"; do
    [ ! -e "$program.REAL" ] || mv "$program.REAL" "$program"
done
aside=$(mktemp -d)
settings=$root/etc/apt/apt.conf.d/00mmdebstrap
[ ! -e "$settings" ] || mv "$settings" "$aside/"

rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb
rm -f "$root"/var/log/*.log "$root"/var/log/apt/*

# shellcheck disable=SC2016 # dpkg-query expands it
chroot "$root" dpkg-query --show --showformat '${Package}\t${Version}\n' >"$out/packages.txt"
cp "$root"/boot/vmlinuz-* "$out/vmlinuz"
cp "$root"/boot/initrd.img-* "$out/initrd.img"

# /proc, /sys and parts of /dev are mounted in the tree; a bind mount of the tree alone shows it without.
clean=$out/../tmp/clean
mkdir "$clean"
# shellcheck disable=SC2016 # the inner shell expands it
unshare --mount sh -euc 'mount --bind "$1" "$2"; mke2fs -q -t ext4 -L root -E "offset=$4" -d "$2" "$3" "${5}k"' \
    sh "$root" "$clean" "$out/disk.raw" "$offset" "$size" >&2
rmdir "$clean"
# mmdebstrap expects it when it ends.
[ ! -e "$aside/00mmdebstrap" ] || mv "$aside/00mmdebstrap" "$settings"
chmod 644 "$out"/*
