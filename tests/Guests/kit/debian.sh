# A private apt below the current folder, which leaves the machine's own packages alone. Sourced.
# shellcheck shell=bash

mirror=${PCIEFABRIC_DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
suites="trixie trixie-backports"

# Runs an apt program on the private apt; its last complaint becomes ours.
apt() {
    local log=$PWD/apt/log
    APT_CONFIG=$PWD/apt/apt.conf "$@" </dev/null >"$log" 2>&1 ||
        lack "$1 failed: $(grep '^E:' "$log" | head -n 1)"
}

# Makes the private apt and loads its lists, through the machine's own proxy. Nothing counts as installed.
open_debian() {
    mkdir -p apt/lists/partial apt/cache/archives/partial apt/state apt/etc/sources.list.d apt/etc/preferences.d apt/etc/apt.conf.d
    : >apt/status
    cat >apt/etc/sources.list.d/debian.sources <<END
Types: deb deb-src
URIs: $mirror
Suites: $suites
Components: main
Signed-By: $keyring
END
    {
        apt-config dump Acquire::http
        apt-config dump Acquire::https
        cat <<END
Dir::State "$PWD/apt/state";
Dir::State::Lists "$PWD/apt/lists";
Dir::State::status "$PWD/apt/status";
Dir::Cache "$PWD/apt/cache";
Dir::Etc "$PWD/apt/etc";
APT::Sandbox::User "";
APT::Architecture "amd64";
APT::Architectures "amd64";
APT::Install-Recommends "false";
APT::Default-Release "trixie-backports";
Acquire::Languages "none";
END
    } >apt/apt.conf
    apt apt-get update
}

# Fetches and unpacks packages into a folder: with all that they need to run, or (alone) just them.
unpack_with_dependencies() {
    local folder=$1
    shift
    apt apt-get install -y --download-only "$@"
    unpack "$folder" apt/cache/archives/*.deb
}

unpack_alone() {
    local folder=$1
    shift
    (mkdir -p debs && cd debs && ln -sfn ../apt apt && apt apt-get download "$@")
    unpack "$folder" debs/*.deb
    rm -rf debs
}

unpack() {
    local folder=$1 deb
    shift
    mkdir -p "$folder"
    for deb in "$@"; do dpkg-deb -x "$deb" "$folder"; done
}

# Ends with exit code 3 and a reason where no packages could be fetched.
debian_answers() {
    local answer code=0
    type apt-get dpkg-deb >/dev/null 2>&1 || lack "there is no apt-get: the kit is made from Debian packages, so run this on Debian or in a container of it"
    [[ -e $keyring ]] || lack "$keyring is missing: run 'apt-get install debian-archive-keyring'"
    answer=$(mktemp)
    /usr/lib/apt/apt-helper -o Acquire::Retries=1 -o Acquire::http::Timeout=10 download-file "$mirror/dists/trixie-backports/Release" "$answer" >/dev/null 2>&1 || code=$?
    rm -f "$answer"
    [[ $code -eq 0 ]] || lack "$mirror does not answer: connect to the network, or set PCIEFABRIC_DEBIAN_MIRROR to a mirror that does"
}
