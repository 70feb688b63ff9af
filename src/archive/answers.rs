//! What an archive and its readers answer alike.

/// The questions that an archive and its readers answer alike, from the [`Contents`](crate::engine::contents::Contents) that they hold.
macro_rules! answers {
    ($type:ty) => {
        impl $type {
            /// The level of the families.
            pub fn level(&self) -> Level {
                self.contents().settings.level
            }

            /// The cut of a level.
            pub fn threshold(&self, level: Level) -> f32 {
                self.contents().settings.cuts.of(level)
            }

            /// How the representative of a family is chosen.
            pub fn representative(&self) -> Representative {
                self.contents().settings.representative
            }

            /// How many days the rolling window has; none where everything stays.
            pub fn window_days(&self) -> Option<u32> {
                self.contents().settings.window
            }

            /// Whether titles and texts are kept.
            pub fn keeps_texts(&self) -> bool {
                self.contents().settings.texts
            }

            /// The text of an article; none of one that is not in, or where texts are not kept.
            ///
            /// # Errors
            /// [`Damaged`](crate::ErrorKind::Damaged): texts are so large that a file of them is
            /// checked only when the first of its texts is asked for.
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

            /// How many articles are in.
            pub fn len(&self) -> usize {
                self.contents().segments.len()
            }

            /// Whether no article is in.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Whether an article of this id is in.
            pub fn contains(&self, id: &str) -> bool {
                self.contents().segments.number(id).is_some()
            }

            /// The ids of the articles, in the order in which they came.
            pub fn ids(&self) -> impl Iterator<Item = &str> {
                let segments = &self.contents().segments;
                segments.numbers().map(|number| segments.id(number))
            }

            /// The articles that tell the story of this one, best first, at the archive's level; it is
            /// not put in. One that is in with the same id is not among them.
            ///
            /// # Errors
            /// [`NoWords`](crate::ErrorKind::NoWords), [`TooLong`](crate::ErrorKind::TooLong).
            pub fn query(&self, article: &Article<'_>) -> Result<Vec<Match>, Error> {
                self.contents().query(article)
            }

            /// The family of an article; none of one that stands alone or is not in.
            pub fn family_of(&self, id: &str) -> Option<FamilyId> {
                self.contents().family_of(id)
            }

            /// A family that lives, with its members.
            pub fn family(&self, family: FamilyId) -> Option<Family> {
                self.contents().family(family)
            }

            /// The families that live, by rising ids.
            pub fn families(&self) -> Vec<(FamilyId, Family)> {
                self.contents().families()
            }

            /// Bytes held on the heap, nearly. What is used where it is stored in a mapped file is not among
            /// them.
            pub fn memory_usage(&self) -> usize {
                self.contents().memory_usage()
            }
        }
    };
}

pub(crate) use answers;
