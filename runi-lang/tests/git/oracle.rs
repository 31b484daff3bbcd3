//! Random histories: `git diff` and `git merge-base` must say the same.

use crate::repo::{Repo, at, changed};
use runi_lang::git::Side;
use std::collections::BTreeSet;

/// A small generator with a seed: the same histories on every machine.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

const PATHS: [&str; 9] = [
    "contracts/a.contract",
    "contracts/a/b.contract",
    "contracts/a/c.contract",
    "contracts/a.b/x.contract",
    "contracts/z.contract",
    "features/one.dsl",
    "features/deep/er/two.dsl",
    "Runi.toml",
    "README.md",
];

fn edit(repo: &Repo, dice: &mut Dice) {
    for _ in 0..=dice.below(3) {
        let path = PATHS[dice.below(PATHS.len())];
        if path != "Runi.toml" && dice.below(3) == 0 && repo.path(path).exists() {
            repo.remove(path);
        } else {
            repo.write(path, format!("# {}\n", dice.below(5)));
        }
    }
}

/// A history of branches and merges; every commit in the order of its making.
pub(crate) fn history(seed: u64, commits: usize) -> (Repo, Vec<String>) {
    let mut dice = Dice::new(seed);
    let repo = Repo::of(&[]);
    let mut all = vec![repo.git(&["rev-parse", "HEAD"])];
    for i in 0..commits {
        match dice.below(4) {
            0 => {
                let from = &all[dice.below(all.len())];
                repo.git(&["checkout", "--quiet", "-B", &format!("b{i}"), from]);
            }
            1 => {
                let other = &all[dice.below(all.len())];
                if !repo.try_git(&["merge-base", "--is-ancestor", other, "HEAD"]).status.success() {
                    all.push(repo.merge(other));
                }
                continue;
            }
            _ => {}
        }
        edit(&repo, &mut dice);
        all.push(repo.commit(&format!("commit {i}")));
    }
    (repo, all)
}

fn expected(repo: &Repo, args: &[&str]) -> BTreeSet<String> {
    let mut all = vec!["diff", "--no-renames", "--name-status"];
    all.extend(args);
    all.extend(["--", "Runi.toml", "contracts", "features"]);
    repo.git(&all).lines().map(|line| line.replace('\t', " ")).collect()
}

#[test]
fn what_changed_is_what_git_diff_says() {
    for seed in 0..4 {
        let (repo, commits) = history(seed, 24);
        let mut dice = Dice::new(seed + 100);
        let repository = repo.open();
        for _ in 0..25 {
            let (a, b) = (&commits[dice.below(commits.len())], &commits[dice.below(commits.len())]);
            let found: BTreeSet<String> = changed(&repository, &at(&repository, a), &at(&repository, b)).unwrap().into_iter().collect();
            assert_eq!(found, expected(&repo, &[a, b]), "seed {seed}: {a} {b}");
        }
        for round in 0..6 {
            edit(&repo, &mut dice);
            if round % 2 == 0 {
                repo.git(&["add", PATHS[0].split('/').next().unwrap()]);
            }
            let base = &commits[dice.below(commits.len())];
            let side = at(&repository, base);
            let index: BTreeSet<String> = changed(&repository, &side, &Side::Index).unwrap().into_iter().collect();
            assert_eq!(index, expected(&repo, &["--cached", base]), "seed {seed}, index against {base}");
            // `git diff` does not speak of files that it does not track, so they are made known to it.
            repo.git(&["add", "--all", "--intent-to-add"]);
            let now: BTreeSet<String> = changed(&repository, &side, &Side::WorkingCopy).unwrap().into_iter().collect();
            assert_eq!(now, expected(&repo, &[base]), "seed {seed}, working copy against {base}");
        }
    }
}

#[test]
fn merge_bases_are_those_of_git() {
    for seed in 10..14 {
        let (repo, commits) = history(seed, 40);
        let repository = repo.open();
        let mut dice = Dice::new(seed + 100);
        for _ in 0..30 {
            let (a, b) = (&commits[dice.below(commits.len())], &commits[dice.below(commits.len())]);
            let (one, other) = (repository.resolve(a).unwrap(), repository.resolve(b).unwrap());
            let found = repository.merge_base(&one, &other).unwrap().id.to_string();
            let all = repo.git(&["merge-base", "--all", a, b]);
            assert!(all.lines().any(|base| base == found), "seed {seed}: {a} {b}: {found} is not among {all}");
        }
    }
}
