#!/usr/bin/env bash
# readers may read, others may not; the example .path pair takes 50 videos away, each exactly once

equal "$(stat -c '%U:%G %a' $videos)" "videogend:videogend-readers 2750" "the output directory"
equal "$(stat -c '%U:%G %a' /srv/videogend/.staging)" "videogend:videogend-readers 2700" "the staging directory"
file=$(ctl submit --quiet --wait --model kling-video "for readers")
equal "$(stat -c '%U:%G %a' "$file")" "videogend:videogend-readers 640" "the video"
as alice head -c 4 "$file" >/dev/null || fail "a reader cannot read the video"
as alice head -c 4 "${file%.mp4}.json" >/dev/null || fail "a reader cannot read the receipt"
! as mallory head -c 4 "$file" 2>/dev/null || fail "another user can read the video"
! as mallory ls $videos 2>/dev/null || fail "another user can list the videos"
! as alice rm -f "$file" 2>/dev/null || fail "a reader can remove the video"
! as alice ls /srv/videogend/.staging 2>/dev/null || fail "a reader can look into the staging directory"
say "a member of videogend-readers reads, another user does not, nobody removes"
rm "${file%.mp4}".*

cp /usr/share/doc/videogend/examples/videogend-collect.* /etc/systemd/system/
systemctl daemon-reload
systemctl start videogend-collect.path
requests=$(mktemp)
for i in $(seq 50); do echo "{\"model\": \"kling-video\", \"prompt\": \"burst $i\"}"; done >"$requests"
chmod 644 "$requests"
for part in 1,20 21,35 36,50; do
    sed -n "${part}p" "$requests" | ctl submit --batch - >/dev/null 2>&1
    sleep 0.7
done
collected=/srv/videogend/collected
all_there() { [ "$(ls $collected/*.mp4 2>/dev/null | wc -l)" = 50 ] && [ "$(ls $collected/*.json | wc -l)" = 50 ]; }
eventually 60 "50 videos and receipts are collected" all_there
equal "$(jobs_in completed)" 51 "completed jobs"
equal "$(charges)" 51 "charges"
equal "$(ls -A $videos | wc -l)" 0 "what is left in the watched directory"
equal "$(sha256sum $collected/*.mp4 | cut -c 1-64 | sort -u | wc -l)" 50 "different videos"
moves=$(journalctl --quiet --no-pager --since="@$since" -u videogend-collect.service -o cat --grep '^collected ' | sort)
equal "$(echo "$moves" | wc -l)" 50 "moves"
equal "$(echo "$moves" | sort -u | wc -l)" 50 "different moves"
equal "$(property ActiveState videogend-collect.path)" active "the .path unit"
runs=$(journalctl --quiet --no-pager --since="@$since" -u videogend-collect.service -o cat --grep '^Starting ' | wc -l)
systemctl stop videogend-collect.path
rm -r $collected /etc/systemd/system/videogend-collect.*
systemctl daemon-reload
say "50 videos published in bursts, each moved once, by $runs runs of the service"
