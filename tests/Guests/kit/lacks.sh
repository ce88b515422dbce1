# What building the kit asks of a machine. Sourced.
# shellcheck shell=bash

# Kernel sources, their objects, and the packages of QEMU while they are unpacked.
least_free_mib=4096

say() { echo "guest kit: $*" >&2; }

lack() {
    say "$*"
    exit 3
}

# The machine's own QEMU, where it is 10.1 or newer and has the vfio-user-pci device.
own_qemu() {
    local qemu version
    qemu=$(command -v qemu-system-x86_64) || return
    version=$("$qemu" --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
    [[ $(printf '%s\n' 10.1 "$version" | sort -V | head -n 1) == 10.1 ]] || return
    [[ $("$qemu" -device help) == *'"vfio-user-pci"'* ]] || return
    echo "$qemu"
}

# The Debian packages of the tools that are not there. QEMU alone is only unpacked.
missing_tools() {
    [[ "$*" != qemu ]] || return 0
    local tool
    for tool in gcc make flex bison bc xz:xz-utils cpp; do
        command -v "${tool%:*}" >/dev/null || echo "${tool#*:}"
    done
    ! command -v gcc >/dev/null || {
        gcc -E -include libelf.h -x c /dev/null >/dev/null 2>&1 || echo libelf-dev
        [[ -e $(gcc -print-file-name=libc.a) ]] || echo libc6-dev
    }
}

install_tools() {
    local tools
    mapfile -t tools < <(missing_tools "$@")
    [[ ${#tools[@]} -gt 0 ]] || return 0
    say "installing ${tools[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${tools[@]}" libelf-dev libc6-dev; } </dev/null >/dev/null 2>&1 ||
        lack "could not install ${tools[*]}: run 'apt-get install ${tools[*]}'"
}

# Ends with exit code 3 and a reason where the parts named could not be built.
lacks_nothing() {
    local folder=$1 tools free
    shift
    [[ $(uname -sm) == "Linux x86_64" ]] || lack "guests are x86-64 and built with this machine's compiler: use an x86-64 Linux, not $(uname -sm)"
    mapfile -t tools < <(missing_tools "$@")
    [[ ${#tools[@]} -eq 0 || $(id -u) -eq 0 ]] || lack "${tools[*]} missing, and only root may install: run 'apt-get install ${tools[*]}'"
    { mkdir -p "$folder" && touch "$folder/.writable"; } 2>/dev/null || lack "$folder cannot be written: set XDG_CACHE_HOME to another folder"
    free=$(df -Pm "$folder" | awk 'NR == 2 { print $4 }')
    [[ $free -ge $least_free_mib ]] || lack "$folder: $free MiB free, less than $least_free_mib: free some space, or set XDG_CACHE_HOME to a folder on another disk"
    debian_answers
}
