#!/bin/sh
# Renders the PNGs beside it from the two drawings. Needs rsvg-convert (Debian: librsvg2-bin).
set -eu
cd "$(dirname "$0")"
rsvg-convert -w 16 -h 16 earmark-small.svg -o earmark-16.png
for size in 32 48 64 128 256 512; do
    rsvg-convert -w "$size" -h "$size" earmark.svg -o "earmark-$size.png"
done
