"""Makes a large workspace for `runi check`: deep chains, a wide fan-out and diamonds.

    python gen_workspace.py --out work/large                                   # 10,000 features, 1,000 contracts
    python gen_workspace.py --out work/large --features 100 --contracts 10

A tenth of the features form one chain, each reading what the one before it wrote; four tenths read one
hub; the rest are diamonds of four: a top, two sides, and a bottom that joins them. All use reusable
steps from one file, so an edit of a body there is the interesting incremental case.
"""

import argparse
import shutil
from pathlib import Path

COMMON = """Feature: Common steps

@module(domain=common)
Step: Trim(column: column<string>)
  @when "there is a text": $column is not null
  @then "no blanks": $column = trim($column)
  @do $column = trim($column)

@module(domain=common)
Step: AddFee(rate: decimal(5, 4) = 0.0010) needs price decimal(18, 6), quantity int64 gives fee float64
  @then "never negative": fee >= 0
  @do fee = cast(price as double) * cast(quantity as double) * cast($rate as double)
"""


def contract(number):
    return f"""Contract: Dataset{number:04}
  \"\"\"Number {number} of many.\"\"\"
  @version(1.{number % 10}.0)
  @owner(team-{number % 25}, contact="team-{number % 25}@example.com")

  id          string          @required
  symbol      string          @required @matches("[A-Z.]{{1,8}}")
  price       decimal(18, 6)  @required @range(min=0)
  quantity    int64           @required @range(min=1, max={1_000 + number})
  side        enum(buy, sell) @required
  traded_at   timestamp(UTC)  @required
  settles_on  date
  venue       string          @length(min=1, max=40)
  note        string
  region      string
  country     string
  rating      float64         @range(min=0, max=5)

  @key(id)
  @rule "settles after it trades": settles_on >= cast(traded_at as date)
"""


def source(path, number, name):
    return f'  @source(type={path.rsplit(".", 1)[1]}, path="{path}", contract=Dataset{number:04}) as {name}\n'


def scenario(title, sources, target, number, body):
    read = "".join(source(path, contract, name) for path, contract, name in sources)
    return (
        f"@module(domain=domain{number % 40})\nScenario: {title}\n  Given what came before\n{read}\n  When it is put in order\n{body}"
        f'\n  Then others may read it: `quantity > 0`\n  @sink(type=parquet, path="{target}", contract=Dataset{number:04})\n'
    )


def rows(index):
    return f"""  @step(name=Trim, domain=common, column=note)
  @step(name=AddFee, domain=common, rate=0.00{index % 90 + 10})
  @step(name=Keep{index})
    @when "it is cheap": fee < {index % 100 + 1}
    @do note = concat(coalesce(note, '-'), '/{index}')
"""


def joined(index):
    return f"""  @step(name=Both{index})
    @do select l.id, l.symbol, l.price, l.quantity, l.side, l.traded_at, l.settles_on, r.venue, l.note, l.region, l.country, r.rating
        from left_side l left join right_side r on l.id = r.id
"""


def features(count):
    """(title, sources, target, body) of each feature; contracts are chosen by the caller."""
    chain, hub = count // 10, count * 4 // 10
    for i in range(chain):
        before = "data/trades.csv" if i == 0 else f"out/chain/{i - 1}.parquet"
        yield f"Chain {i}", [(before, "trades")], f"out/chain/{i}.parquet", rows(i)
    for i in range(hub):
        before = "data/trades.csv" if i == 0 else "out/hub/0.parquet"
        yield f"Hub {i}", [(before, "trades")], f"out/hub/{i}.parquet", rows(i)
    for i in range(count - chain - hub):
        diamond, corner = divmod(i, 4)
        path = f"out/diamond/{diamond}"
        if corner == 0:
            yield f"Diamond {diamond} top", [("data/trades.csv", "trades")], f"{path}/top.parquet", rows(i)
        elif corner < 3:
            side = "left" if corner == 1 else "right"
            yield f"Diamond {diamond} {side}", [(f"{path}/top.parquet", "trades")], f"{path}/{side}.parquet", rows(i)
        else:
            yield f"Diamond {diamond} bottom", [(f"{path}/left.parquet", "left_side"), (f"{path}/right.parquet", "right_side")], f"{path}/bottom.parquet", joined(i)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--features", type=int, default=10_000)
    parser.add_argument("--contracts", type=int, default=1_000)
    args = parser.parse_args()
    if args.out.exists():
        shutil.rmtree(args.out)
    for name in ("contracts", "features", "data"):
        (args.out / name).mkdir(parents=True)
    (args.out / "Runi.toml").write_text('[workspace]\nname = "large"\n\n[lints]\ndropped-columns = "allow"\n')
    (args.out / "data/trades.csv").write_text(
        "id,symbol,price,quantity,side,traded_at,settles_on,venue,note,region,country,rating\nT1,AAPL,187.25,10,buy,2026-01-05T10:00:00Z,2026-01-07,XNAS,,,US,4.5\n"
    )
    for number in range(args.contracts):
        (args.out / f"contracts/dataset{number:04}.contract").write_text(contract(number))
    (args.out / "features/common.dsl").write_text(COMMON)
    written = {}
    for i, (title, sources, target, body) in enumerate(features(args.features)):
        number = i % args.contracts
        written[target] = number
        # A reader and the writer before it agree on the contract.
        named = [(path, written.get(path, number), name) for path, name in sources]
        directory = args.out / f"features/part{i // 100:03}"
        directory.mkdir(exist_ok=True)
        (directory / f"feature{i:05}.dsl").write_text(f"Feature: Feature {i}\n\n{scenario(title, named, target, number, body)}")


if __name__ == "__main__":
    main()
