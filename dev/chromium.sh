#!/bin/sh
# Make sure that there is a Chromium for the tests in a browser: the one that the variable CHROMIUM
# names, or one on the path; as root on Debian it is installed when it is missing.
set -eu

if [ -n "${CHROMIUM:-}" ]; then
    if ! command -v "$CHROMIUM" >/dev/null; then
        echo "CHROMIUM is $CHROMIUM, which cannot be run." >&2
        exit 1
    fi
    exit 0
fi

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need Chromium. On Debian, as root: apt-get install chromium; or set CHROMIUM to its" >&2
    echo "path. Without one, run the others: make tests args='tests/unit tests/functional'" >&2
    exit 1
fi

echo "Installing Chromium for the tests in a browser."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core fonts-noto-core >/dev/null
