using System.Buffers;

namespace RatIlgpu.Html;

/// <summary>A pattern of which each query has its strongest keys, and of which a map has the square root of the largest
/// code in each block of cells.</summary>
/// <remarks>All of it is a function of the codes. A map of fewer rows, or fewer keys of each query, made of a pooled
/// pattern are those made of the whole pattern: the largest of the largest is the largest, and a block of the smaller
/// map is made of whole blocks where its side divides the side of the larger map.</remarks>
sealed record PooledPattern
{
    public required PatternShape Shape { get; init; }

    /// <summary>Gets the number of rows and of columns of the map, in [1, tokens].</summary>
    public required int Side { get; init; }

    /// <summary>Gets the largest number of keys of a query that have their codes.</summary>
    public required int Strongest { get; init; }

    /// <summary>Gets the roots, in the order of the cells of a pattern of as many tokens as the map has rows.</summary>
    public required byte[] Map { get; init; }

    /// <summary>Gets how many keys of each query have their codes, <c>[tokens]</c>: the strongest, of equal ones the
    /// first, none of them zero.</summary>
    public required byte[] Counts { get; init; }

    /// <summary>Gets these keys of all queries; those of a query are ascending.</summary>
    public required ushort[] Keys { get; init; }

    /// <summary>Gets the codes of <see cref="Keys"/>.</summary>
    public required ushort[] Codes { get; init; }

    /// <summary>Gets the sum of the codes of each query, <c>[tokens]</c>, for each weighting.</summary>
    public required ImmutableArray<uint[]> Sums { get; init; }

    /// <summary>Gets the head of each of <see cref="Keys"/> that has its code; null in the pattern of one head.
    /// </summary>
    public ushort[]? Winners { get; init; }

    /// <summary>Gets the cells of the map.</summary>
    PatternShape MapShape => new(Side, Shape.IsCausal);

    /// <summary>Returns the row or the column of the map that has a query or a key.</summary>
    public static int BlockOf(int position, int side, int tokens) => (int)((long)position * side / tokens);

    /// <summary>Makes a pooled pattern of the codes of every cell.</summary>
    /// <param name="pattern">The codes.</param>
    /// <param name="tier">The side of the map and the number of strongest keys.</param>
    /// <param name="factors">The codes of the factors of the keys for each weighting; null for no factors.</param>
    public static PooledPattern Of(ExactPattern pattern, PatternTier tier, ImmutableArray<ushort[]?> factors)
    {
        var pool = new PatternPool(pattern.Shape, tier, factors);
        for (var query = 0; query < pattern.Shape.Tokens; query++)
            pool.Add(query, pattern.Row(query));
        return pool.ToPattern();
    }

    /// <summary>Returns the pattern with a smaller map, or with fewer keys of each query.</summary>
    /// <param name="tier">The side, which divides that of this map unless this map has every cell, and the keys.
    /// </param>
    public PooledPattern Lowered(PatternTier tier)
    {
        var places = StrongestPlaces(tier.Strongest, out var counts);
        return this with
        {
            Side = tier.SideFor(Shape),
            Strongest = tier.Strongest,
            Map = SmallerMap(tier.SideFor(Shape)),
            Counts = counts,
            Keys = [.. places.Select(place => Keys[place])],
            Codes = [.. places.Select(place => Codes[place])],
            Winners = Winners is null ? null : [.. places.Select(place => Winners[place])],
        };
    }

    /// <summary>Returns the codes that a page shows for each query, in the order of its keys: exact for the strongest
    /// keys; from the map for the others, where no code is larger than the smallest of the strongest.</summary>
    public IEnumerable<ushort[]> ShownRows()
    {
        for (var (query, start) = (0, 0); query < Shape.Tokens; start += Counts[query++])
        {
            var most = LargestOther(query, start);
            var row = new ushort[Shape.LengthOf(query)];
            var blocks = Map.AsSpan(MapShape.StartOf(BlockOf(query, Side, Shape.Tokens)));
            for (var key = 0; key < row.Length; key++)
            {
                var root = blocks[BlockOf(key, Side, Shape.Tokens)];
                row[key] = Math.Min(
                    most, Side == Shape.Tokens ? PatternCode.MiddleOf(root) : PatternCode.LargestOf(root));
            }

            for (var place = start; place < start + Counts[query]; place++)
                row[Keys[place]] = Codes[place];
            yield return row;
        }
    }

    /// <summary>Returns the largest difference between a code and the shown one.</summary>
    public int LargestError()
    {
        var most = 0;
        for (var (query, start) = (0, 0); query < Shape.Tokens; start += Counts[query++])
            if (Shape.LengthOf(query) > Counts[query])
                most = Math.Max(most, LargestOther(query, start));
        return Side == Shape.Tokens ? PatternCode.LargestErrorUpTo((ushort)most) : most;
    }

    public void Write(IBufferWriter<byte> bytes)
    {
        bytes.Write(Map);
        bytes.Write(Counts);
        ShortNumbers.Write(bytes, Gaps());
        ShortNumbers.Write(bytes, Codes);
        foreach (var sums in Sums)
        {
            ShortNumbers.Write(bytes, [.. sums.Select(sum => (ushort)sum)]);
            ShortNumbers.Write(bytes, [.. sums.Select(sum => (ushort)(sum >> 16))]);
        }

        if (Winners is not null)
            ShortNumbers.Write(bytes, Winners);
    }

    /// <summary>Reads a pattern and moves behind it.</summary>
    /// <param name="shape">The cells.</param>
    /// <param name="tier">The side of the map and the number of strongest keys.</param>
    /// <param name="weightings">How many sums each query has.</param>
    /// <param name="hasWinners">Whether the pattern is that of several heads, which names them.</param>
    /// <param name="bytes">What <see cref="Write"/> wrote.</param>
    public static PooledPattern Read(
        PatternShape shape, PatternTier tier, int weightings, bool hasWinners, ref ReadOnlySpan<byte> bytes)
    {
        var side = tier.SideFor(shape);
        var cells = new PatternShape(side, shape.IsCausal).CellCount;
        var (map, counts) = (bytes[..cells].ToArray(), bytes.Slice(cells, shape.Tokens).ToArray());
        bytes = bytes[(cells + shape.Tokens)..];
        var count = counts.Sum(one => one);
        var keys = ShortNumbers.Read(ref bytes, count);
        for (var (query, start) = (0, 0); query < shape.Tokens; start += counts[query++])
            for (var place = start + 1; place < start + counts[query]; place++)
                keys[place] += (ushort)(keys[place - 1] + 1);
        var codes = ShortNumbers.Read(ref bytes, count);
        var sums = new uint[weightings][];
        for (var weighting = 0; weighting < weightings; weighting++)
        {
            var low = ShortNumbers.Read(ref bytes, shape.Tokens);
            var high = ShortNumbers.Read(ref bytes, shape.Tokens);
            sums[weighting] = [.. low.Zip(high, (one, other) => one | ((uint)other << 16))];
        }

        return new()
        {
            Shape = shape,
            Side = side,
            Strongest = tier.Strongest,
            Map = map,
            Counts = counts,
            Keys = keys,
            Codes = codes,
            Sums = [.. sums],
            Winners = hasWinners ? ShortNumbers.Read(ref bytes, count) : null,
        };
    }

    byte[] SmallerMap(int side)
    {
        var blocks = new PatternShape(side, Shape.IsCausal);
        var map = new byte[blocks.CellCount];
        int[] places = [.. Enumerable.Range(0, Side).Select(position => BlockOf(position, side, Side))];
        for (var row = 0; row < Side; row++)
        {
            var start = blocks.StartOf(places[row]);
            var cells = Map.AsSpan(MapShape.StartOf(row), MapShape.LengthOf(row));
            for (var column = 0; column < cells.Length; column++)
            {
                ref var most = ref map[start + places[column]];
                most = Math.Max(most, cells[column]);
            }
        }

        return map;
    }

    List<int> StrongestPlaces(int most, out byte[] counts)
    {
        var places = new List<int>();
        counts = new byte[Shape.Tokens];
        var strengths = new uint[Strongest];
        for (var (query, start) = (0, 0); query < Shape.Tokens; start += Counts[query++])
        {
            var all = strengths.AsSpan(0, Counts[query]);
            for (var i = 0; i < all.Length; i++)
                all[i] = new StrongKey(Keys[start + i], Codes[start + i]).Strength;
            all.Sort();
            counts[query] = (byte)Math.Min(all.Length, most);
            for (var place = start; place < start + all.Length; place++)
                if (new StrongKey(Keys[place], Codes[place]).Strength >= all[^counts[query]])
                    places.Add(place);
        }

        return places;
    }

    // What keys a query has between its strongest ones: small numbers.
    ushort[] Gaps()
    {
        var gaps = new ushort[Keys.Length];
        for (var (query, start) = (0, 0); query < Shape.Tokens; start += Counts[query++])
            for (var place = start; place < start + Counts[query]; place++)
                gaps[place] = place == start ? Keys[place] : (ushort)(Keys[place] - Keys[place - 1] - 1);
        return gaps;
    }

    // A query with fewer strongest keys than it may have has zeros besides.
    ushort LargestOther(int query, int start)
    {
        if (Counts[query] < Strongest)
            return 0;
        var least = ushort.MaxValue;
        for (var place = start; place < start + Counts[query]; place++)
            least = Math.Min(least, Codes[place]);
        return least;
    }
}
