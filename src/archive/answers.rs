//! The read-only methods that an archive and its readers share.

/// Implements the read-only methods for a type with a method `contents` that gives its `Contents`. A
/// macro rather than a trait, so that both types show them as their own methods.
macro_rules! answers {
    ($type:ty) => {
        impl $type {
            /// The level of the families.
            pub fn level(&self) -> Level {
                self.contents().settings.level
            }

            /// The threshold of a level.
            pub fn threshold(&self, level: Level) -> f32 {
                self.contents().settings.cuts.of(level)
            }

            /// How the representative of a family is chosen.
            pub fn representative(&self) -> Representative {
                self.contents().settings.representative
            }

            /// The length of the window in days; `None` if nothing expires.
            pub fn window_days(&self) -> Option<u32> {
                self.contents().settings.window
            }

            /// The day that the window counts back from; `None` until it is known.
            ///
            /// It is what [`Archive::set_today`](crate::Archive::set_today) was given last, or until that
            /// is called, the latest day that a few articles have reached: three are dated on it or later,
            /// in an archive with more than a thousand dated articles one in 256 of them. So no single wrong
            /// date moves it, and it may be a day behind the latest articles. It never goes back by itself,
            /// and articles that were removed do not count.
            ///
            /// A few wrong dates, as of a broken feed, do move it: nothing bounds how far, because an archive
            /// that rested for a year must go on. `set_today` prevents that.
            pub fn today(&self) -> Option<Date> {
                self.contents().clock.today()
            }

            /// Whether titles and texts are kept.
            pub fn keeps_texts(&self) -> bool {
                self.contents().settings.texts
            }

            /// The text of an article; `None` if there is no such article or texts are not kept.
            ///
            /// # Errors
            /// [`Damaged`](crate::ErrorKind::Damaged). Files of texts are large, so a file is checked
            /// when its first text is read, not when the archive is opened.
            pub fn text(&self, id: &str) -> Result<Option<String>, Error> {
                Ok(self.contents().text(id)?.map(|kept| kept.text))
            }

            /// The title of an article, if it has one and texts are kept.
            ///
            /// # Errors
            /// As for the text.
            pub fn title(&self, id: &str) -> Result<Option<String>, Error> {
                let title = self.contents().text(id)?.map(|kept| kept.title);
                Ok(title.filter(|title| !title.is_empty()))
            }

            /// The number of articles.
            pub fn len(&self) -> usize {
                self.contents().segments.len()
            }

            /// Whether there is no article.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Whether there is an article with this id.
            pub fn contains(&self, id: &str) -> bool {
                self.contents().segments.number(id).is_some()
            }

            /// The ids of the articles, in the order of arrival.
            pub fn ids(&self) -> impl Iterator<Item = &str> {
                let segments = &self.contents().segments;
                segments.numbers().map(|number| segments.id(number))
            }

            /// The articles that tell the same story as this one, at the archive's level or closer, best
            /// first. The article is not added, and one with the same id is not among the matches.
            ///
            /// # Errors
            /// [`NoWords`](crate::ErrorKind::NoWords), [`TooLong`](crate::ErrorKind::TooLong),
            /// [`LongId`](crate::ErrorKind::LongId).
            pub fn query(&self, article: &Article<'_>) -> Result<Vec<Match>, Error> {
                self.contents().query(article)
            }

            /// The family of an article; `None` if it is in no family or there is no such article.
            pub fn family_of(&self, id: &str) -> Option<FamilyId> {
                self.contents().family_of(id)
            }

            /// A family with its members; `None` if it has ended.
            pub fn family(&self, family: FamilyId) -> Option<Family> {
                self.contents().family(family)
            }

            /// All families, by ascending id.
            pub fn families(&self) -> Vec<(FamilyId, Family)> {
                self.contents().families()
            }

            /// Bytes held on the heap, approximately; mapped files are not counted.
            pub fn memory_usage(&self) -> usize {
                self.contents().memory_usage()
            }
        }
    };
}

pub(crate) use answers;
