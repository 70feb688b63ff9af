//! Lists of columns: the sections of a kind of file, each with its tag and the type of its numbers.

/// Defines a list of columns in two forms: borrowed slices, which are written and checked, and columns
/// on the heap or mapped from a file.
macro_rules! columns {
    ($slices:ident, $columns:ident; $($tag:literal $name:ident: $number:ty,)*) => {
        /// The columns of a file, borrowed; `FORMAT.md` describes each.
        #[derive(Debug, Clone, Copy)]
        pub(super) struct $slices<'a> {
            $(pub(super) $name: &'a [$number],)*
        }

        impl<'a> $slices<'a> {
            /// The sections of a file with these columns.
            pub(super) fn sections(&self) -> Vec<Section<'a>> {
                vec![$(Section::new($tag, self.$name)),*]
            }
        }

        /// The same columns on the heap, or mapped from a file.
        #[derive(Debug, Default)]
        pub(super) struct $columns {
            $(pub(super) $name: Column<$number>,)*
        }

        impl $columns {
            /// Maps the columns of a file, which must have all of them.
            pub(super) fn of(file: &File) -> Result<Self, Error> {
                Ok($columns { $($name: Column::Mapped(file.mapped($tag)?),)* })
            }

            pub(super) fn slices(&self) -> $slices<'_> {
                $slices { $($name: &self.$name,)* }
            }
        }
    };
}

pub(super) use columns;
