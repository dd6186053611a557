//! The page as a picture.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::{Block, Cell, Clear, List, ListItem, ListState, Paragraph, Row, Table, TableState, Wrap};
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::inspect::text::table;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::code::ConnectorState;
use voltapile_simulator::fault::MENU;

use super::line::{What, explanation, fields, title};
use super::words::{KEYS, connector_note, connector_state, pile_state, two_decimals};
use super::wrap::wrapped;
use super::{Overlay, Page, PileView};

/// Smallest terminal that has room for the page.
const LEAST: (u16, u16) = (60, 16);
/// Columns of the list of piles with its frame.
const PILES_WIDTH: u16 = 24;
/// Cells of a bar that shows a state of charge.
const BAR: usize = 8;
/// Rows of the uppermost part at most: twelve piles, and its frame.
const TOP_MOST: u16 = 14;

const HEAD: Style = Style::new().add_modifier(Modifier::BOLD);
const DIM: Style = Style::new().fg(Color::DarkGray);
const CHOSEN: Style = Style::new().add_modifier(Modifier::REVERSED);

/// Draws the page.
pub(crate) fn draw(page: &Page, frame: &mut Frame<'_>) {
    let area = frame.area();
    let (width, height) = LEAST;
    if area.width < width || area.height < height {
        let text = page.lang.pick("终端太小：至少 60×16", "the terminal is too small: 60×16 at least");
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
        return;
    }
    let connectors = page.piles.iter().map(|view| view.snapshot.connectors.len()).max().unwrap_or(1);
    // The head of the connectors' table takes a row.
    let rows = page.piles.len().max(connectors + 1) + 2;
    let top = u16::try_from(rows).unwrap_or(TOP_MOST).clamp(5, TOP_MOST).min(area.height / 3);
    let [head, top, lines, explained, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(top),
        Constraint::Fill(1),
        Constraint::Length((area.height / 4).max(5)),
        Constraint::Length(1),
    ])
    .areas(area);
    let [piles, connectors] = Layout::horizontal([Constraint::Length(PILES_WIDTH), Constraint::Fill(1)]).areas(top);
    draw_head(page, frame, head);
    draw_piles(page, frame, piles);
    draw_connectors(page, frame, connectors);
    draw_lines(page, frame, lines);
    draw_explained(page, frame, explained);
    draw_foot(page, frame, foot);
    match page.overlay {
        Overlay::Nothing => {}
        Overlay::Menu(chosen) => draw_menu(page, chosen, frame),
        Overlay::Help => draw_help(page, frame),
        Overlay::Frame(line) => draw_frame(page, line, frame),
    }
}

fn draw_head(page: &Page, frame: &mut Frame<'_>, area: Rect) {
    let online = page.piles.iter().filter(|view| view.snapshot.is_logged_in).count();
    let charging: usize = page.piles.iter().map(|view| view.snapshot.charging().len()).sum();
    let (server, speed, count) = (&page.server, page.speed, page.piles.len());
    let text = match page.lang {
        Lang::Zh => {
            format!(" Voltapile 虚拟桩 → {server}  {speed}x  在线 {online}/{count}  充电 {charging}")
        }
        Lang::En => {
            format!(" Voltapile virtual piles → {server}  {speed}x  {online}/{count} online  {charging} charging")
        }
    };
    frame.render_widget(Paragraph::new(text).style(CHOSEN), area);
}

fn draw_piles(page: &Page, frame: &mut Frame<'_>, area: Rect) {
    let item = |view: &PileView| {
        let state = pile_state(&view.snapshot, page.lang);
        let colour = if view.snapshot.is_logged_in { Color::Green } else { Color::Red };
        let state = Span::styled(state, Style::new().fg(colour));
        ListItem::new(TextLine::from(vec![Span::raw(format!("{} ", view.code)), state]))
    };
    let list = List::new(page.piles.iter().map(item))
        .block(Block::bordered().title(page.lang.pick("桩", "piles")))
        .highlight_style(CHOSEN);
    frame.render_stateful_widget(list, area, &mut ListState::default().with_selected(Some(page.pile)));
}

fn draw_connectors(page: &Page, frame: &mut Frame<'_>, area: Rect) {
    let lang = page.lang;
    let Some(view) = page.chosen_pile() else { return };
    let right = |head: &'static str| Cell::from(TextLine::from(head).alignment(Alignment::Right));
    let (number, state) = (Cell::from(lang.pick("枪", "#")), Cell::from(lang.pick("状态", "state")));
    let heads = [number, state, Cell::from("SOC"), right("kW"), right("kWh"), right(lang.pick("元", "CNY"))];
    let rows = view.snapshot.connectors.iter().zip(&view.telemetry).map(|(connector, telemetry)| {
        let is_charging = connector.state == ConnectorState::Charging;
        let colour = match connector.state {
            ConnectorState::Charging => Color::Green,
            ConnectorState::Fault => Color::Red,
            _ => Color::Reset,
        };
        let (soc, power, amount) = telemetry.map_or_else(Default::default, |telemetry| {
            (bar(telemetry.soc_percent), two_decimals(telemetry.power_w * 10), two_decimals(telemetry.amount))
        });
        let energy = if is_charging { two_decimals(connector.energy.into()) } else { String::new() };
        Row::new([
            Cell::from(connector.number.to_string()),
            Cell::from(connector_state(connector, lang)).style(Style::new().fg(colour)),
            Cell::from(soc),
            Cell::from(TextLine::from(power).alignment(Alignment::Right)),
            Cell::from(TextLine::from(energy).alignment(Alignment::Right)),
            Cell::from(TextLine::from(amount).alignment(Alignment::Right)),
        ])
    });
    let widths = [
        Constraint::Length(2),
        Constraint::Length(8),
        Constraint::Length(BAR as u16 + 5),
        Constraint::Length(7),
        Constraint::Length(7),
        Constraint::Length(7),
    ];
    let notes = view.snapshot.connectors.iter().filter_map(|connector| connector_note(connector, lang));
    let notes = notes.collect::<Vec<_>>().join(" · ");
    let table = Table::new(rows, widths)
        .header(Row::new(heads).style(HEAD))
        .block(Block::bordered().title(pile_title(view, page)).title_bottom(TextLine::styled(notes, Color::Yellow)))
        .row_highlight_style(CHOSEN);
    let chosen = usize::from(page.connector).checked_sub(1);
    frame.render_stateful_widget(table, area, &mut TableState::default().with_selected(chosen));
}

/// The pile's code, and what is to be said of the whole pile.
fn pile_title(view: &PileView, page: &Page) -> String {
    let lang = page.lang;
    let waiting = view.snapshot.unconfirmed_records + view.snapshot.held_records;
    let mut title = view.code.to_string();
    if waiting > 0 {
        title.push_str(&format!(" · {} {waiting}", lang.pick("待确认记录", "records waiting")));
    }
    if view.is_cut {
        title.push_str(lang.pick(" · 线路已断开", " · line cut"));
    }
    if view.snapshot.is_updating {
        title.push_str(lang.pick(" · 升级中", " · updating"));
    }
    title
}

/// `████░░░░  45%`.
fn bar(percent: u64) -> String {
    let full = usize::try_from(percent.min(100)).unwrap_or(0) * BAR / 100;
    format!("{}{}{percent:>4}%", "█".repeat(full), "░".repeat(BAR - full))
}

fn draw_lines(page: &Page, frame: &mut Frame<'_>, area: Rect) {
    let room = usize::from(area.height.saturating_sub(2));
    let back = page.back.unwrap_or(0);
    // The newest stand at the bottom; the chosen one is always in sight.
    let from = (back + 1).saturating_sub(room);
    let shown: Vec<_> = page.shown_lines().rev().skip(from).take(room).collect();
    let items = shown.iter().rev().map(|line| {
        let colour = match &line.what {
            What::Frame(Direction::Up, _) => Color::Cyan,
            What::Frame(..) => Color::Magenta,
            What::Connected | What::Disconnected(_) => Color::DarkGray,
        };
        let text = Span::styled(line.text(page.lang), Style::new().fg(colour));
        ListItem::new(TextLine::from(vec![Span::styled(format!("{} ", line.time()), DIM), text]))
    });
    let follows = if page.back.is_none() {
        page.lang.pick("跟随", "following")
    } else {
        page.lang.pick("回看", "looking back")
    };
    let list = List::new(items)
        .block(Block::bordered().title(format!("{} · {follows}", page.lang.pick("帧", "frames"))))
        .highlight_style(CHOSEN);
    let chosen = shown.len().checked_sub(back - from + 1);
    frame.render_stateful_widget(list, area, &mut ListState::default().with_selected(chosen));
}

fn draw_explained(page: &Page, frame: &mut Frame<'_>, area: Rect) {
    let cells = usize::from(area.width.saturating_sub(2));
    let (mut heading, mut lines) = (String::new(), Vec::new());
    if let Some(report) = page.chosen_line().and_then(super::Line::report) {
        heading = title(&report, page.lang);
        for finding in &report.findings {
            let text = wrapped(&format!("! {}", finding.message.pick(page.lang)), cells);
            lines.extend(text.into_iter().map(|line| TextLine::styled(line, Color::Yellow)));
        }
        lines.extend(wrapped(&fields(&report, page.lang), cells).into_iter().map(TextLine::raw));
    }
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(heading)), area);
}

fn draw_foot(page: &Page, frame: &mut Frame<'_>, area: Rect) {
    let mut spans = vec![Span::styled(format!(" {} ", page.notice), HEAD)];
    let mut left = usize::from(area.width).saturating_sub(table::width(&page.notice) + 2);
    let last = KEYS.iter().rev().take(2);
    let wanted = last.chain(KEYS.iter().take(10));
    for (key, zh, en) in wanted {
        let text = format!(" {} ", page.lang.pick(zh, en));
        let width = table::width(key) + table::width(&text);
        if width > left {
            break;
        }
        left -= width;
        spans.push(Span::styled(*key, CHOSEN));
        spans.push(Span::raw(text));
    }
    frame.render_widget(Paragraph::new(TextLine::from(spans)), area);
}

fn draw_menu(page: &Page, chosen: usize, frame: &mut Frame<'_>) {
    let lang = page.lang;
    let area = middle(frame.area(), 76, 22);
    let labels = MENU.iter().map(|entry| table::width(entry.label(lang))).max().unwrap_or(0);
    let items = MENU.iter().map(|entry| {
        let label = table::pad(entry.label(lang), labels);
        ListItem::new(format!("{label}  {}", entry.happens(lang)))
    });
    let heading = lang.pick("故障菜单：Enter 注入，Esc 返回", "fault menu: Enter injects, Esc leaves");
    let list = List::new(items).block(Block::bordered().title(heading)).highlight_style(CHOSEN);
    clear(area, frame);
    frame.render_stateful_widget(list, area, &mut ListState::default().with_selected(Some(chosen)));
}

fn draw_help(page: &Page, frame: &mut Frame<'_>) {
    let keys = KEYS.iter().map(|(key, _, _)| table::width(key)).max().unwrap_or(0);
    let line = |(key, zh, en): &(&str, &str, &str)| {
        TextLine::from(vec![
            Span::styled(format!(" {}  ", table::pad(key, keys)), HEAD),
            Span::raw(page.lang.pick(zh, en).to_owned()),
        ])
    };
    let lines: Vec<TextLine<'_>> = KEYS.iter().map(line).collect();
    let area = middle(frame.area(), 44, u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2));
    clear(area, frame);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(page.lang.pick("按键", "keys"))), area);
}

fn draw_frame(page: &Page, top: u16, frame: &mut Frame<'_>) {
    let area = frame.area();
    let heading = page.lang.pick("完整解释：↑↓ 滚动，Esc 返回", "explained: ↑↓ scroll, Esc leaves");
    frame.render_widget(Clear, area);
    let paragraph = Paragraph::new(page.explanation()).scroll((top, 0)).block(Block::bordered().title(heading));
    frame.render_widget(paragraph, area);
}

impl Page {
    /// The chosen frame as the inspector explains it.
    pub(super) fn explanation(&self) -> String {
        let report = self.chosen_line().and_then(super::Line::report);
        report.map(|report| explanation(&report, self.lang)).unwrap_or_default()
    }
}

/// Makes room for a box. A wide character that stands half below its left border would hide the border, so the column
/// before it is emptied as well.
fn clear(area: Rect, frame: &mut Frame<'_>) {
    let x = area.x.saturating_sub(1);
    frame.render_widget(Clear, Rect { x, width: area.width + (area.x - x), ..area });
}

/// A box of at most this size in the middle.
fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}
