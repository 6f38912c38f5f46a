//! Ubuntu's server images for clouds.

use super::Distribution;

const UBUNTU_SSHD: &str = "Include /etc/ssh/sshd_config.d/*.conf\n\n#Port 22\n#PermitRootLogin prohibit-password\n\
    #PasswordAuthentication yes\nKbdInteractiveAuthentication no\nUsePAM yes\nX11Forwarding yes\nPrintMotd no\n\
    AcceptEnv LANG LC_*\nSubsystem\tsftp\t/usr/lib/openssh/sftp-server\n";

const UBUNTU_PAM: &str = "auth\t[success=1 default=ignore]\tpam_unix.so nullok\nauth\trequisite\t\t\tpam_deny.so\n\
    auth\trequired\t\t\tpam_permit.so\nauth\toptional\t\t\tpam_cap.so\n";

const NETPLAN: &str = "network:\n    version: 2\n    ethernets:\n        ens5:\n            dhcp4: true\n            match:\n\
    \x20               macaddress: 02:00:00:00:00:01\n            set-name: ens5\n";

pub(crate) const UBUNTU_22_04: Distribution = Distribution {
    name: "Ubuntu 22.04",
    passwd: "root:x:0:0:root:/root:/bin/bash\n\
        daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
        bin:x:2:2:bin:/bin:/usr/sbin/nologin\n\
        sys:x:3:3:sys:/dev:/usr/sbin/nologin\n\
        sync:x:4:65534:sync:/bin:/bin/sync\n\
        games:x:5:60:games:/usr/games:/usr/sbin/nologin\n\
        man:x:6:12:man:/var/cache/man:/usr/sbin/nologin\n\
        lp:x:7:7:lp:/var/spool/lpd:/usr/sbin/nologin\n\
        mail:x:8:8:mail:/var/mail:/usr/sbin/nologin\n\
        www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n\
        backup:x:34:34:backup:/var/backups:/usr/sbin/nologin\n\
        gnats:x:41:41:Gnats Bug-Reporting System (admin):/var/lib/gnats:/usr/sbin/nologin\n\
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
        _apt:x:100:65534::/nonexistent:/usr/sbin/nologin\n\
        systemd-network:x:101:102:systemd Network Management,,,:/run/systemd:/usr/sbin/nologin\n\
        messagebus:x:103:104::/nonexistent:/usr/sbin/nologin\n\
        pollinate:x:105:1::/var/cache/pollinate:/bin/false\n\
        sshd:x:106:65534::/run/sshd:/usr/sbin/nologin\n\
        syslog:x:107:113::/home/syslog:/usr/sbin/nologin\n\
        lxd:x:999:100::/var/snap/lxd/common/lxd:/bin/false\n\
        ubuntu:x:1000:1000:Ubuntu:/home/ubuntu:/bin/bash\n",
    shadow: "root:*:19405:0:99999:7:::\ndaemon:*:19405:0:99999:7:::\nbin:*:19405:0:99999:7:::\n\
        sys:*:19405:0:99999:7:::\nsync:*:19405:0:99999:7:::\ngames:*:19405:0:99999:7:::\nman:*:19405:0:99999:7:::\n\
        lp:*:19405:0:99999:7:::\nmail:*:19405:0:99999:7:::\nwww-data:*:19405:0:99999:7:::\n\
        backup:*:19405:0:99999:7:::\ngnats:*:19405:0:99999:7:::\nnobody:*:19405:0:99999:7:::\n\
        _apt:*:19405:0:99999:7:::\nsystemd-network:*:19405:0:99999:7:::\nmessagebus:*:19405:0:99999:7:::\n\
        pollinate:*:19405:0:99999:7:::\nsshd:*:19405:0:99999:7:::\nsyslog:*:19405:0:99999:7:::\n\
        lxd:!:19405::::::\nubuntu:!:20000:0:99999:7:::\n",
    files: &[
        (
            "/etc/os-release",
            "PRETTY_NAME=\"Ubuntu 22.04.5 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\nID=ubuntu\nID_LIKE=debian\n",
        ),
        ("/etc/ssh/sshd_config", UBUNTU_SSHD),
        (
            "/etc/ssh/sshd_config.d/50-cloud-init.conf",
            "PasswordAuthentication yes\n",
        ),
        (
            "/etc/ssh/sshd_config.d/60-cloudimg-settings.conf",
            "PasswordAuthentication no\n",
        ),
        ("/etc/pam.d/common-auth", UBUNTU_PAM),
        ("/etc/netplan/50-cloud-init.yaml", NETPLAN),
        ("/etc/hostname", "ip-172-31-5-6\n"),
        (
            "/home/ubuntu/.ssh/authorized_keys",
            "ssh-ed25519 AAAA key\n",
        ),
        ("/home/ubuntu/.bash_history", "sudo -i\n"),
        ("/home/ubuntu/.sudo_as_admin_successful", ""),
        ("/var/log/syslog", "x\n"),
        ("/var/log/syslog.2.gz", "x"),
        ("/var/log/auth.log", "x\n"),
        ("/var/log/kern.log.1", "x\n"),
        ("/var/log/dpkg.log", "x\n"),
        ("/var/log/apt/history.log", "x\n"),
        ("/var/log/apt/term.log.1.gz", "x"),
        (
            "/var/log/unattended-upgrades/unattended-upgrades.log",
            "x\n",
        ),
        ("/var/log/landscape/sysinfo.log", "x\n"),
        (
            "/var/lib/apt/lists/archive.ubuntu.com_ubuntu_dists_jammy_InRelease",
            "x\n",
        ),
        ("/var/cache/apt/pkgcache.bin", "x"),
        ("/var/cache/apt/archives/lock", ""),
        ("/var/cache/debconf/config.dat", "Name: x\n"),
        ("/var/cache/debconf/config.dat-old", "Name: x\n"),
        (
            "/var/cache/debconf/passwords.dat",
            "Name: x\nValue: hunter2\n",
        ),
        ("/var/lib/dpkg/status", "Package: base-files\n"),
        ("/var/backups/passwd.bak", "x\n"),
        ("/var/backups/dpkg.status.0", "x\n"),
        ("/var/snap/amazon-ssm-agent/9881/x", "x"),
        ("/var/lib/snapd/state.json", "{}"),
        ("/var/lib/ubuntu-advantage/private/machine-token.json", "{}"),
        ("/var/lib/logrotate/status", "x\n"),
        ("/var/crash/_usr_bin_x.0.crash", "x"),
    ],
    links: &[
        ("/var/spool/mail", "../mail"),
        ("/var/lib/dbus/machine-id", "/etc/machine-id"),
        ("/var/snap/amazon-ssm-agent/current", "9881"),
        (
            "/var/lib/cloud/instance",
            "/var/lib/cloud/instances/i-0123456789abcdef0",
        ),
    ],
    kept: &[
        "/var/lib/dpkg/status",
        "/var/cache/debconf/config.dat",
        "/var/cache/apt/archives/lock",
        "/var/lib/snapd/state.json",
        "/etc/ssh/sshd_config.d/60-cloudimg-settings.conf",
        "/var/lib/cloud/seed/nocloud/meta-data",
    ],
};

pub(crate) const UBUNTU_24_04: Distribution = Distribution {
    name: "Ubuntu 24.04",
    passwd: "root:x:0:0:root:/root:/bin/bash\n\
        daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
        bin:x:2:2:bin:/bin:/usr/sbin/nologin\n\
        sync:x:4:65534:sync:/bin:/bin/sync\n\
        mail:x:8:8:mail:/var/mail:/usr/sbin/nologin\n\
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
        _apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n\
        systemd-network:x:998:998:systemd Network Management:/:/usr/sbin/nologin\n\
        systemd-timesync:x:996:996:systemd Time Synchronization:/:/usr/sbin/nologin\n\
        dhcpcd:x:100:65534:DHCP Client Daemon,,,:/usr/lib/dhcpcd:/bin/false\n\
        messagebus:x:101:101::/nonexistent:/usr/sbin/nologin\n\
        sshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n\
        landscape:x:107:109::/var/lib/landscape:/usr/sbin/nologin\n\
        polkitd:x:990:990:User for polkitd:/:/usr/sbin/nologin\n\
        ec2-instance-connect:x:109:65534::/nonexistent:/usr/sbin/nologin\n\
        ubuntu:x:1000:1000:Ubuntu:/home/ubuntu:/bin/bash\n",
    shadow: "root:*:19836:0:99999:7:::\ndaemon:*:19836:0:99999:7:::\nbin:*:19836:0:99999:7:::\n\
        sync:*:19836:0:99999:7:::\nmail:*:19836:0:99999:7:::\nnobody:*:19836:0:99999:7:::\n_apt:*:19836:0:99999:7:::\n\
        systemd-network:!*:19836::::::\nsystemd-timesync:!*:19836::::::\ndhcpcd:!:19836::::::\n\
        messagebus:!:19836::::::\nsshd:!:19836::::::\nlandscape:!:19836::::::\npolkitd:!*:19836::::::\n\
        ec2-instance-connect:!:19836::::::\nubuntu:$6$salt$kM0Z1xJYk9nW1Q5Lq6:20000:0:99999:7:::\n",
    files: &[
        (
            "/etc/os-release",
            "PRETTY_NAME=\"Ubuntu 24.04.2 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n",
        ),
        ("/etc/ssh/sshd_config", UBUNTU_SSHD),
        (
            "/etc/ssh/sshd_config.d/60-cloudimg-settings.conf",
            "PasswordAuthentication no\n",
        ),
        ("/etc/systemd/system/ssh.service.wants/x.conf", ""),
        ("/etc/pam.d/common-auth", UBUNTU_PAM),
        ("/etc/netplan/50-cloud-init.yaml", NETPLAN),
        ("/etc/hostname", "ip-172-31-5-6\n"),
        (
            "/home/ubuntu/.ssh/authorized_keys",
            "ssh-ed25519 AAAA key\n",
        ),
        ("/home/ubuntu/.lesshst", "x\n"),
        ("/var/log/syslog", "x\n"),
        ("/var/log/auth.log", "x\n"),
        ("/var/log/dpkg.log", "x\n"),
        ("/var/log/apt/eipp.log.xz", "x"),
        ("/var/log/sysstat/sa22", "x"),
        ("/var/lib/apt/lists/ports_InRelease", "x\n"),
        ("/var/cache/apt/srcpkgcache.bin", "x"),
        ("/var/cache/debconf/templates.dat-old", "Name: x\n"),
        ("/var/lib/dpkg/status", "Package: base-files\n"),
        ("/var/lib/dhcpcd/ens5.lease", "x"),
        ("/var/lib/dhcpcd/duid", "x"),
        ("/var/lib/lastlog/lastlog2.db", "x"),
        ("/var/snap/amazon-ssm-agent/9881/x", "x"),
        ("/etc/ssh/ssh_config.ucf-dist", "x\n"),
        ("/swap.img", ""),
    ],
    links: &[
        ("/var/spool/mail", "../mail"),
        ("/var/lib/dbus/machine-id", "/etc/machine-id"),
    ],
    kept: &[
        "/var/lib/dpkg/status",
        "/etc/ssh/sshd_config.d/60-cloudimg-settings.conf",
        "/home/ubuntu/.ssh",
    ],
};
