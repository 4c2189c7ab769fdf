#!/bin/sh
# Makes the pictures beside it from the real window and the demo: `./dev screenshots` builds the program, then calls
# this. Screen, home folder and library are private and end with the script; the same program gives the same files.
# EARMARK names another program than the one just built.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
earmark=${EARMARK:-$root/target/release/earmark}
talk="Talking about maps"

work=$(mktemp -d)
library=$work/library.sqlite
screen=
program=
finish() {
    for process in $program $screen; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

stop_with() {
    echo "screenshots: $*" >&2
    [ ! -s "$work/told" ] || sed 's/^/  earmark: /' "$work/told" >&2
    exit 1
}

# Waits until a command succeeds, for at most half a minute.
await() {
    for _ in $(seq 300); do
        "$@" && return 0
        sleep 0.1
    done
    stop_with "waited in vain for: $*"
}

# ---------------------------------------------------------------- the private desktop
export HOME="$work/home" LC_ALL=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1 EARMARK_TRACE=1
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME EARMARK_LIBRARY || true
mkdir -p "$HOME/Talks"
for half in vtt mp3; do
    cp -p "$root/assets/demo/talking-about-maps.$half" "$HOME/Talks/$talk.$half"
done
cd "$HOME/Talks"
# Sound goes nowhere: no picture is taken while it plays.
echo 'pcm.!default { type null }' >"$HOME/.asoundrc"

Xvfb -displayfd 1 -nolisten tcp -ac -dpi 96 -screen 0 1280x800x24 -fbdir "$work" >"$work/display" 2>"$work/xvfb" &
screen=$!
await test -s "$work/display"
DISPLAY=:$(cat "$work/display")
export DISPLAY

# The picture on the screen, as a number; Xvfb keeps it in a file.
picture() {
    cksum <"$work/Xvfb_screen0"
}

# Waits until the picture has been the same for a second.
settle() {
    last= same=0
    for _ in $(seq 300); do
        now=$(picture)
        if [ "$now" = "$last" ]; then same=$((same + 1)); else same=0; fi
        [ $same -lt 10 ] || return 0
        last=$now
        sleep 0.1
    done
    stop_with "the picture does not come to rest"
}

differs_from() {
    [ "$(picture)" != "$1" ]
}

# Does something with the keys and waits until something shows of it.
act() {
    before=$(picture)
    # No window manager runs: the keys go where we lead them.
    xdotool windowfocus "$window" "$@"
    await differs_from "$before"
}

told() {
    grep -q "$1" "$work/told"
}

# Opens the program with a theme and arguments, and waits until all it has to show is shown.
open_with() {
    sqlite3 "$library" "INSERT OR REPLACE INTO settings VALUES ('theme', '$1')"
    shift
    : >"$work/told"
    "$earmark" --library "$library" "$@" 2>"$work/told" &
    program=$!
    await told 'first frame'
    [ $# = 0 ] || await told 'text shown'
    [ $# = 0 ] || await told 'waveform measured'
    window=$(xdotool search --sync --onlyvisible --pid $program 2>/dev/null)
    # The pointer rests where it points at nothing.
    xdotool mousemove 1279 799
    settle
}

take() {
    # A caret would blink: none does while the keys go to nobody.
    xdotool windowfocus "$(xdotool search --maxdepth 0 '.*' 2>/dev/null)"
    settle
    # Without dates and the like, so that a file only changes when the picture does.
    import -window root -strip -define png:exclude-chunks=date,time "$here/$1.png"
    echo "screenshots/$1.png"
}

close() {
    kill $program
    wait $program 2>/dev/null || true
    program=
}

note() {
    "$earmark" notes add "$talk.vtt" --recording "$talk.mp3" --library "$library" "$@" >/dev/null
}

# ---------------------------------------------------------------- the pictures
note --quote 'The recording is the country itself' --colour yellow --text 'Use as the opening line.' --tag quote
note --quote 'A note remembers its words, not only its minute' --colour blue --tag promise --tag check
note --at 1:30.6 --kind bookmark --text 'Ask who else can read this.'

open_with Light "$talk.vtt" "$talk.mp3" --view reading --at 0:40.3
take reading-light
act key v
take lines-light
close

open_with Dark "$talk.vtt" "$talk.mp3" --view lines --at 0:40.3
take lines-dark
close

open_with Light "$talk.vtt" "$talk.mp3" --view reading --at 0:47.1
act key n
act type --delay 30 'Play this part to the class, slowly.'
take notes
close

open_with Light "$talk.vtt" "$talk.mp3" --view reading --at 0:47.1
act key ctrl+f
act type --delay 30 bread
take search
close

# An advertisement is spliced into the talk, before the cue at 0:44.24: the talk's own first seconds, faster.
spliced="$HOME/Talks/With an advertisement"
cp -p "$talk.vtt" "$spliced.vtt"
"$earmark" clip "$talk.mp3" --from 0 --to 44.24 -o "$work/before.wav" >/dev/null
"$earmark" clip "$talk.mp3" --from 2 --to 30 --speed 1.25 -o "$work/spot.wav" >/dev/null
"$earmark" clip "$talk.mp3" --from 44.24 --to 1:46 -o "$work/after.wav" >/dev/null
{
    # A header of 58 bytes, whose two sizes say that they are not known.
    head -c 4 "$work/before.wav" && printf '\377\377\377\377'
    head -c 54 "$work/before.wav" | tail -c 46 && printf '\377\377\377\377'
    for part in before spot after; do tail -c +59 "$work/$part.wav"; done
} >"$spliced.wav"
# In a library of its own: the notes are on the same words, but on another recording.
library=$work/fitted.sqlite
"$earmark" sync "$spliced.vtt" "$spliced.wav" --apply --library "$library" >/dev/null
open_with Light "$spliced.vtt" "$spliced.wav" --view reading --at 0:41
act key shift+t
take timing
close
library=$work/library.sqlite

open_with Light
take welcome
close
