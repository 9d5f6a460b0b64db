//! The reckoning at the end.
//!
//! In: what was counted. Out: a few lines, and whether all is as it should be. Must not know the story.

use super::Play;

impl Play {
    /// Says what it came to; true when everybody has heard everything he should, and nothing else.
    pub(super) fn reckoning(&mut self) -> bool {
        let [texts, expected, right, wrong] = self.shadow.totals();
        let (datagrams, segments) = (self.world.counters(), self.world.line_counters());
        let percent = |part: u64, all: u64| part * 100 / all.max(1);
        self.show.line("");
        for line in [
            format!("texts          {texts} said, to be heard {expected} times"),
            format!(
                "UDP datagrams  {} sent, {} lost ({} %), {} doubled, {} overtaken",
                datagrams.sent,
                datagrams.lost,
                percent(datagrams.lost, datagrams.sent),
                datagrams.duplicated,
                datagrams.reordered
            ),
            format!("               {} sent again by palabre", self.world.retransmissions()),
            format!(
                "TCP segments   {} sent, {} lost ({} %), {} waited for those, {} ms at most",
                segments.sent,
                segments.lost,
                percent(segments.lost, segments.sent),
                segments.waited,
                segments.longest.as_millis()
            ),
        ] {
            self.show.line(&line);
        }
        let good = right == expected && wrong == 0 && self.given_up == 0 && self.steps.is_empty();
        let words = if good {
            format!("delivered = all: {right} of {expected}, each once and in order")
        } else {
            format!(
                "not all: {right} of {expected} delivered, {wrong} wrongly, {} given up, {} steps not reached",
                self.given_up,
                self.steps.len()
            )
        };
        self.show.verdict(good, &words);
        good
    }
}
