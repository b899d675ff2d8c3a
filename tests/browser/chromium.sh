#!/bin/sh
# Installs Debian's Chromium where that can be done. Where it cannot, says so loudly: the browser tests then skip by name.
set -u
browser=${CHROMIUM:-chromium}
if command -v "$browser" >/dev/null 2>&1; then
    exit 0
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then as_root=sudo; else as_root=none; fi
fi
if command -v apt-get >/dev/null 2>&1 && [ "$as_root" != none ]; then
    echo "installing Debian's Chromium for the browser tests ..."
    $as_root apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core \
            >/dev/null && exit 0
fi
cat <<'EOT'
******************************************************************************
*  NO CHROMIUM: the browser tests will be SKIPPED.                           *
*  Install it (Debian, Ubuntu: apt-get install chromium), or name yours:     *
*  make test CHROMIUM=/path/to/chromium                                      *
******************************************************************************
EOT
exit 0
