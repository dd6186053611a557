//! What keys do.

use std::time::Duration;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use voltapile_protocol::ykc::field::HardwareFaults;
use voltapile_simulator::fault::MENU;
use voltapile_simulator::model::{Action, CarWish, Credential};
use voltapile_simulator::scenario::Happening;

use super::{Overlay, Page, Wish};

/// The fault that a key brings about: the emergency stop, which everybody can press.
const EMERGENCY_STOP: HardwareFaults = HardwareFaults(1 << 1);
/// How long a key takes away the power.
const DARK: Duration = Duration::from_secs(10);
/// Lines that a page key moves.
const PAGE: usize = 10;

impl Page {
    /// A key was pressed.
    pub(crate) fn press(&mut self, key: KeyEvent) -> Option<Wish> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        let is_interrupt = key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
        if is_interrupt {
            return Some(Wish::Quit);
        }
        match self.overlay {
            Overlay::Nothing => self.press_on_page(key.code),
            Overlay::Menu(chosen) => self.press_in_menu(key.code, chosen),
            Overlay::Help => {
                self.overlay = Overlay::Nothing;
                None
            }
            Overlay::Frame(top) => {
                self.press_in_frame(key.code, top);
                None
            }
        }
    }

    fn press_on_page(&mut self, code: KeyCode) -> Option<Wish> {
        match code {
            KeyCode::Char('q') => return Some(Wish::Quit),
            KeyCode::Tab => self.choose_pile(1),
            KeyCode::BackTab => self.choose_pile(self.piles.len().saturating_sub(1)),
            KeyCode::Left => self.choose_connector(self.connector.saturating_sub(1)),
            KeyCode::Right => self.choose_connector(self.connector.saturating_add(1)),
            KeyCode::Up => self.go_back(1),
            KeyCode::PageUp => self.go_back(PAGE),
            KeyCode::Down => self.go_on(1),
            KeyCode::PageDown => self.go_on(PAGE),
            KeyCode::End | KeyCode::Esc => self.back = None,
            KeyCode::Enter => self.overlay = Overlay::Frame(0),
            KeyCode::Char('?' | 'h') => self.overlay = Overlay::Help,
            KeyCode::Char('i') => self.overlay = Overlay::Menu(0),
            KeyCode::Char(digit @ '1'..='9') => {
                let number = digit.to_digit(10).and_then(|number| u8::try_from(number).ok());
                self.choose_connector(number.unwrap_or(1));
            }
            KeyCode::Char(letter) => return self.happening(letter).map(|what| self.wish(what)),
            _ => {}
        }
        None
    }

    /// What a letter makes happen at the chosen connector.
    fn happening(&mut self, letter: char) -> Option<Happening> {
        let connector = self.connector;
        let one = |action| Happening::Act(vec![action]);
        Some(match letter {
            'p' => one(Action::Plug { connector, car: CarWish::default() }),
            'u' => one(Action::Unplug { connector }),
            'c' => one(Action::Ask { connector, credential: Credential::Card(self.pocket.card, None) }),
            'v' => {
                let car = CarWish { vin: self.pocket.vin, ..CarWish::default() };
                Happening::Act(vec![
                    Action::Plug { connector, car },
                    Action::Ask { connector, credential: Credential::Vin },
                ])
            }
            's' => {
                // Whoever sits here is the driver, and knows the password.
                let seen = self.chosen_pile().and_then(|view| view.snapshot.connector(connector));
                one(Action::Stop { connector, password: seen.and_then(|connector| connector.stop_password) })
            }
            'f' => {
                let is_broken = self
                    .chosen_pile()
                    .and_then(|view| view.snapshot.connector(connector))
                    .is_some_and(|connector| connector.faults != HardwareFaults::default());
                let faults = if is_broken { HardwareFaults::default() } else { EMERGENCY_STOP };
                one(Action::SetFaults { connector, faults })
            }
            'l' => {
                let view = self.piles.get_mut(self.pile)?;
                view.is_cut = !view.is_cut;
                if view.is_cut { Happening::Cut } else { Happening::Reconnect }
            }
            'r' => one(Action::Reboot),
            'w' => one(Action::PowerCut { lasts: DARK }),
            'x' => one(Action::ReleaseRecords),
            _ => return None,
        })
    }

    fn press_in_menu(&mut self, code: KeyCode, chosen: usize) -> Option<Wish> {
        let last = MENU.len().saturating_sub(1);
        let chosen = match code {
            KeyCode::Up => chosen.saturating_sub(1),
            KeyCode::PageUp => chosen.saturating_sub(PAGE),
            KeyCode::Down => (chosen + 1).min(last),
            KeyCode::PageDown => (chosen + PAGE).min(last),
            KeyCode::Enter => {
                self.overlay = Overlay::Nothing;
                return MENU.get(chosen).map(|entry| self.wish(Happening::Inject(entry.fault)));
            }
            KeyCode::Esc | KeyCode::Char('q' | 'i') => {
                self.overlay = Overlay::Nothing;
                return None;
            }
            _ => chosen,
        };
        self.overlay = Overlay::Menu(chosen);
        None
    }

    fn press_in_frame(&mut self, code: KeyCode, top: u16) {
        self.overlay = match code {
            KeyCode::Up => Overlay::Frame(top.saturating_sub(1)),
            KeyCode::Down => Overlay::Frame(top.saturating_add(1).min(self.last_top())),
            KeyCode::PageUp => Overlay::Frame(top.saturating_sub(PAGE as u16)),
            KeyCode::PageDown => Overlay::Frame(top.saturating_add(PAGE as u16).min(self.last_top())),
            _ => Overlay::Nothing,
        };
    }

    /// How far the explanation of the chosen frame can be scrolled: never past its last line.
    fn last_top(&self) -> u16 {
        let lines = self.explanation().lines().count().saturating_sub(1);
        u16::try_from(lines).unwrap_or(u16::MAX)
    }

    fn wish(&mut self, what: Happening) -> Wish {
        self.notice = what.text().pick(self.lang).to_owned();
        Wish::Do(self.pile, what)
    }

    fn choose_pile(&mut self, places_on: usize) {
        self.pile = (self.pile + places_on).checked_rem(self.piles.len()).unwrap_or(0);
        self.back = None;
        self.choose_connector(self.connector);
    }

    fn choose_connector(&mut self, number: u8) {
        let most = self.chosen_pile().map_or(1, |view| view.snapshot.connectors.len());
        self.connector = number.clamp(1, u8::try_from(most).unwrap_or(u8::MAX).max(1));
    }

    fn go_back(&mut self, lines: usize) {
        let most = self.shown_lines().count().saturating_sub(1);
        self.back = Some((self.back.unwrap_or(0) + lines).min(most));
    }

    fn go_on(&mut self, lines: usize) {
        self.back = self.back.and_then(|back| back.checked_sub(lines)).filter(|back| *back > 0);
    }
}
