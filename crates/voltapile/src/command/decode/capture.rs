//! Explains the frames of a capture, one after the other.

use voltapile_capture::read::{Problem, Statistics};
use voltapile_protocol::inspect::scan::Piece;
use voltapile_protocol::inspect::{Lang, Options, Report, Stray};

use super::Showing;
use super::filter::Place;
use crate::traffic::{Happening, Said, Talk, watch};

/// Problems that are told one by one; the rest is summed up.
const PROBLEMS_SAID: usize = 64;

/// Shows the frames of a capture.
pub(super) fn show(file: &[u8], options: Options, showing: &mut Showing<'_>) {
    let mut teller = Teller { lang: showing.style.lang, said: 0, more: 0 };
    let statistics = watch(file, options, &mut |happening| match happening {
        Happening::Said(said) => said_by(&said, options, showing, &mut teller),
        Happening::Problem { packet, problem } => teller.problem(packet, problem),
        Happening::Damaged(problem) => teller.tell(format!("voltapile: {problem}")),
        Happening::Closed { talk, stray } => teller.closed(talk, stray),
    });
    teller.sum_up(&statistics);
}

/// How many frames of a capture hold.
pub(super) fn count(file: &[u8], options: Options) -> usize {
    let mut count = 0;
    watch(file, options, &mut |happening| {
        if let Happening::Said(Said { piece: Piece::Found(found), .. }) = happening {
            count += usize::from(found.framing.holds());
        }
    });
    count
}

fn said_by(said: &Said<'_>, options: Options, showing: &mut Showing<'_>, teller: &mut Teller) {
    let at = i64::try_from(said.at.0 / 1000).unwrap_or(i64::MAX);
    let place = Place { at: Some(at), in_utc: true, talk: Some(said.talk) };
    let offset = usize::try_from(said.position).unwrap_or(usize::MAX);
    match said.piece {
        Piece::Found(found) if said.talk.has_frames => {
            let mut report = Report::new(&found, options);
            report.offset = offset;
            report.went(said.direction);
            showing.frame(&report, &place);
        }
        // What belongs to a conversation without any frame is told when it ends.
        Piece::Skipped { bytes, .. } if said.talk.has_frames => {
            let stray = Stray { offset, bytes: bytes.to_vec() };
            let (time, number, count) = (place.time().unwrap_or_default(), said.talk.number, bytes.len());
            let way = said.direction.name();
            teller.tell(match teller.lang {
                Lang::Zh => {
                    format!("voltapile: {time} 连接 {number}（{way}）：{count} 字节中没有帧：{}", stray.preview())
                }
                Lang::En => {
                    format!(
                        "voltapile: {time} connection {number} ({way}): no frame in {count} bytes: {}",
                        stray.preview()
                    )
                }
            });
        }
        _ => {}
    }
}

/// Says on the side what is wrong with a capture.
struct Teller {
    lang: Lang,
    said: usize,
    more: usize,
}

impl Teller {
    fn tell(&mut self, text: String) {
        self.said += 1;
        if self.said > PROBLEMS_SAID {
            self.more += 1;
        } else {
            super::super::say(&text);
        }
    }

    fn problem(&mut self, packet: u64, problem: Problem) {
        let text = match (self.lang, problem) {
            (Lang::Zh, Problem::Gap { conversation, bytes, .. }) => {
                format!("连接 {conversation}：抓包中缺少 {bytes} 字节")
            }
            (Lang::Zh, Problem::Jump { conversation, .. }) => {
                format!("连接 {conversation}：TCP 序号跳变，其后按到达顺序处理")
            }
            (Lang::Zh, Problem::Skipped(reason)) => format!("未处理：{reason}"),
            (Lang::En, problem) => problem.to_string(),
        };
        self.tell(match self.lang {
            Lang::Zh => format!("voltapile: 包 {packet}：{text}"),
            Lang::En => format!("voltapile: packet {packet}: {text}"),
        });
    }

    fn closed(&mut self, talk: Talk, stray: u64) {
        let Talk { number, client, server, .. } = talk;
        if talk.has_frames || stray == 0 {
            return;
        }
        self.tell(match self.lang {
            Lang::Zh => format!("voltapile: 连接 {number}（{client} → {server}）：{stray} 字节中没有帧"),
            Lang::En => format!("voltapile: connection {number} ({client} → {server}): no frame in {stray} bytes"),
        });
    }

    fn sum_up(&self, statistics: &Statistics) {
        let more = self.more;
        if more > 0 {
            super::super::say(&match self.lang {
                Lang::Zh => format!("voltapile: 另有 {more} 条类似提示"),
                Lang::En => format!("voltapile: {more} more of these"),
            });
        }
        let Statistics { packets, gaps, missing, .. } = statistics;
        let skipped: u64 = statistics.skipped.values().sum();
        if *gaps > 0 || skipped > 0 {
            super::super::say(&match self.lang {
                Lang::Zh => {
                    format!("voltapile: 共 {packets} 个包，{skipped} 个未处理，缺失 {gaps} 段共 {missing} 字节")
                }
                Lang::En => {
                    format!("voltapile: {packets} packets, {skipped} left out, {missing} bytes missing in {gaps} gaps")
                }
            });
        }
    }
}
