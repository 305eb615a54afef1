#!/usr/bin/env bash
# what happens to jobs stands in the journal with fields and ids, and journalctl -x says what to do

configure <<'TEXT'
jobs: {confirm_for: 2s}
TEXT
entry() { # id, seconds: the entry of this case with that id
    local id=$1
    eventually "$2" "an entry with MESSAGE_ID=$id" logged "MESSAGE_ID=$id"
    journal -o json "MESSAGE_ID=$id" | tail -n 1
}
explained() { # id, words
    journal --catalog "MESSAGE_ID=$1" | grep -qF -- "$2" || fail "journalctl -x does not say: $2"
}
has() { # entry, field, value
    equal "$(echo "$1" | member "$2")" "$3" "$2"
}
id=$(ctl submit --quiet --model kling-video "A lighthouse")
submitted=$(entry 4eb5ab976ea34ec8a4bf08496426780c 20)
has "$submitted" VIDEOGEND_JOB_ID "$id"
has "$submitted" VIDEOGEND_MODEL kling-video
has "$submitted" VIDEOGEND_UID "$(id -u alice)"
has "$submitted" SYSLOG_IDENTIFIER videogend
run=$(echo "$submitted" | member VIDEOGEND_RUN_ID)
[ -n "$run" ] || fail "no VIDEOGEND_RUN_ID"
explained 4eb5ab976ea34ec8a4bf08496426780c "$run"
completed=$(entry 355ffe841280420b891406fdb762000d 30)
has "$completed" VIDEOGEND_JOB_ID "$id"
explained 355ffe841280420b891406fdb762000d "videogenctl show $id"

id=$(ctl submit --quiet --model kling-video "no [[simulate: failed]]")
has "$(entry 3e943414717e4225a0bbd0fb9999c123 30)" VIDEOGEND_JOB_ID "$id"
explained 3e943414717e4225a0bbd0fb9999c123 "videogenctl retry $id"

id=$(ctl submit --quiet --model kling-video "who knows [[simulate: reset-after-accept, recover-missing]]")
held=$(entry d4dd4f59b64c409db1bfac0ddc90941f 60)
has "$held" VIDEOGEND_JOB_ID "$id"
has "$held" PRIORITY 3
explained d4dd4f59b64c409db1bfac0ddc90941f "--accept-charge"
say "submitted, completed, failed, held: fields, ids and words"

chmod 0 $videos
entry 1104da916cfa48059d6cd840faccfe02 20 >/dev/null
chmod 2750 $videos
explained 1104da916cfa48059d6cd840faccfe02 "systemd-tmpfiles --create videogend.conf"
usable() { [[ $(property StatusText) != *"$videos"* ]]; }
eventually 40 "the output directory is usable again" usable
say "output unavailable, and usable again"

systemctl stop videogend.service 2>/dev/null
printf 'not a database, and long enough to be looked at as one%2000s' '' >/var/lib/videogend/"$(cd /var/lib/videogend && ls | grep -E '\.(db|sqlite3?)$' | head -n 1)"
rm -f /var/lib/videogend/*-wal /var/lib/videogend/*-shm
systemctl start videogend.service
entry ccaae1d06bec41b7b83bdb4831d2aaf7 10 >/dev/null
explained ccaae1d06bec41b7b83bdb4831d2aaf7 "videogenctl recover"
[[ $(property StatusText) == *resume* ]] || fail "STATUS says $(property StatusText)"
say "a journal that was set aside: $(property StatusText | cut -c 1-100)"
