#!/bin/sh
# Make the virtual environment $1 with the interpreter $2, or with the first suitable one.
# As root on Debian the package that `python3 -m venv` needs is installed when it is missing.
set -eu

target=$1
chosen=${2:-}

is_suitable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

can_make_environments() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

if [ -n "$chosen" ]; then
    if ! is_suitable "$chosen"; then
        echo "$chosen is no Python 3.11 or later." >&2
        exit 1
    fi
else
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if is_suitable "$name"; then
            chosen=$name
            break
        fi
    done
fi

if [ -z "$chosen" ]; then
    echo "No Python 3.11 or later was found. Install one, or name it: make tests PYTHON=/path/to/python3" >&2
    exit 1
fi

if ! can_make_environments "$chosen"; then
    package=$("$chosen" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "$chosen cannot make virtual environments. On Debian, as root: apt-get install $package" >&2
        exit 1
    fi
    echo "Installing $package."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends "$package" >/dev/null
fi

echo "Making $target with $("$chosen" -c 'import sys; print("Python %d.%d.%d" % sys.version_info[:3])')."
"$chosen" -m venv --clear "$target"
