namespace RatIlgpu.Ilgpu;

/// <summary>A head size for which attention is compiled, and the shape of its tiles.</summary>
interface IHead
{
    int Size { get; }

    /// <summary>The threads along the rows of a tile; each has four rows.</summary>
    int Side { get; }
}

/// <summary>Tiles of 64 rows by 128 threads.</summary>
readonly struct Head64 : IHead
{
    public int Size => 64;

    public int Side => 16;
}

/// <summary>Tiles of 32 rows by 64 threads: more would not fit into shared memory.</summary>
readonly struct Head128 : IHead
{
    public int Size => 128;

    public int Side => 8;
}

static class FlashAttendKernel
{
    /// <summary>The threads along the keys of a tile; each has four keys.</summary>
    public const int KeySide = 8;

    /// <summary>No head size takes more bytes of shared memory.</summary>
    public const int MostSharedMemory = 41_472;

    // The keys of a tile.
    const int Keys = KeySide * 4;

    /// <summary>One group per tile of rows of a key/value head: scores, softmax and mix, one tile of keys after the
    /// other. A row is a query of one of the heads that read the same keys and values.</summary>
    /// <remarks>Dao et al., FlashAttention, 2022. All numbers of queries, keys and values are loaded in fours; for rows
    /// and keys behind the last, the kernel reads the last and stores nothing.</remarks>
    public static void Run<THead>(
        ArrayView<Float4> query, ArrayView<Float4> key, ArrayView<Float4> value, ArrayView<float> keyMask,
        AttentionSizes sizes, ArrayView<float> result)
        where THead : struct, IHead
    {
        // Queries and keys lie transposed; one more four puts neighbouring rows into different banks.
        var queries = SharedMemory.Allocate<Float4>(default(THead).Size * (default(THead).Side + 1));
        var block = SharedMemory.Allocate<Float4>(default(THead).Size * (KeySide + 1));
        var weights = SharedMemory.Allocate<Float4>(Keys * (default(THead).Side + 1));
        var rows = FlashRows.Of(sizes, Grid.IdxX, default(THead).Side * 4);
        var (own, column) = (Group.IdxX / KeySide, Group.IdxX % KeySide);
        LoadQueries<THead>(query, sizes, rows, queries);
        var mine = rows.Queries(own * 4);
        var largest = Float4.Of(Limits.Lowest);
        MixedRows mixed = default;
        var end = sizes.EndKey(rows.LastQuery);
        for (var start = sizes.FirstKey(rows.FirstQuery); start < end; start += Keys)
        {
            Barrier.Wait();
            LoadKeys<THead>(key, sizes, rows.KeyHead, start, end, block);
            Barrier.Wait();
            var scores = Score<THead>(queries, block, own, column);
            scores = mine.Visible(scores, keyMask, sizes, start + column * 4, end);
            StoreColumns<THead>(weights, own, column, scores);
            Barrier.Wait();
            LoadValues<THead>(value, sizes, rows.KeyHead, start, end, block);
            var before = largest;
            for (var k = 0; k < Keys; k++)
                largest = Float4.Max(largest, weights[k * (default(THead).Side + 1) + own]);
            Barrier.Wait();
            StoreColumns<THead>(weights, own, column, Exp(scores, largest));
            Barrier.Wait();

            // A larger maximum rescales the sums so far.
            mixed.Scale(Exp(before, largest));
            for (var k = 0; k < Keys; k++)
                mixed.Add<THead>(
                    weights[k * (default(THead).Side + 1) + own], block, k * (default(THead).Size / 4) + column);
        }

        mixed.Store<THead>(result, value.Cast<float>(), sizes, rows, own * 4, column);
    }

    static void LoadQueries<THead>(
        ArrayView<Float4> query, AttentionSizes sizes, FlashRows rows, ArrayView<Float4> queries)
        where THead : struct, IHead
    {
        const int FloatsOfFour = 4;
        var step = (default(THead).Side + 1) * FloatsOfFour;
        for (var i = Group.IdxX; i < default(THead).Side * default(THead).Size; i += Group.DimX)
        {
            var (row, m) = (i / (default(THead).Size / 4), i % (default(THead).Size / 4));
            var four = query[rows.Place(sizes, row) / 4 + m];
            LinearKernel.StoreTransposed(queries.Cast<float>(), m * 4 * step + row, step, four);
        }
    }

    static void LoadKeys<THead>(
        ArrayView<Float4> key, AttentionSizes sizes, int keyHead, int start, int end, ArrayView<Float4> block)
        where THead : struct, IHead
    {
        const int Step = (KeySide + 1) * 4;
        for (var i = Group.IdxX; i < Keys * default(THead).Size / 4; i += Group.DimX)
        {
            var (k, m) = (i / (default(THead).Size / 4), i % (default(THead).Size / 4));
            var four = key[Place<THead>(sizes, keyHead, IntrinsicMath.Min(start + k, end - 1)) + m];
            LinearKernel.StoreTransposed(block.Cast<float>(), m * 4 * Step + k, Step, four);
        }
    }

    static void LoadValues<THead>(
        ArrayView<Float4> value, AttentionSizes sizes, int keyHead, int start, int end, ArrayView<Float4> block)
        where THead : struct, IHead
    {
        for (var i = Group.IdxX; i < Keys * default(THead).Size / 4; i += Group.DimX)
        {
            var (k, m) = (i / (default(THead).Size / 4), i % (default(THead).Size / 4));
            block[i] = value[Place<THead>(sizes, keyHead, IntrinsicMath.Min(start + k, end - 1)) + m];
        }
    }

    static long Place<THead>(AttentionSizes sizes, int keyHead, int key)
        where THead : struct, IHead => ((long)key * sizes.KeyHeads + keyHead) * (default(THead).Size / 4);

    // The products of four rows and four keys.
    static Tile16 Score<THead>(ArrayView<Float4> queries, ArrayView<Float4> block, int own, int column)
        where THead : struct, IHead
    {
        Tile16 even = default, odd = default;
        for (var m = 0; m < default(THead).Size; m += 2)
        {
            even.Add(queries[m * (default(THead).Side + 1) + own], block[m * (KeySide + 1) + column]);
            odd.Add(queries[(m + 1) * (default(THead).Side + 1) + own], block[(m + 1) * (KeySide + 1) + column]);
        }

        even.Add(odd);
        return even;
    }

    // Each key of the tile has a row of shared memory, with a number for each row of the result.
    static void StoreColumns<THead>(ArrayView<Float4> weights, int own, int column, Tile16 tile)
        where THead : struct, IHead
    {
        var (place, step) = (column * 4 * (default(THead).Side + 1) + own, default(THead).Side + 1);
        weights[place] = new() { X = tile.A.X, Y = tile.B.X, Z = tile.C.X, W = tile.D.X };
        weights[place + step] = new() { X = tile.A.Y, Y = tile.B.Y, Z = tile.C.Y, W = tile.D.Y };
        weights[place + 2 * step] = new() { X = tile.A.Z, Y = tile.B.Z, Z = tile.C.Z, W = tile.D.Z };
        weights[place + 3 * step] = new() { X = tile.A.W, Y = tile.B.W, Z = tile.C.W, W = tile.D.W };
    }

    static Tile16 Exp(Tile16 scores, Float4 largest) => new()
    {
        A = Exp(scores.A, Float4.Of(largest.X)),
        B = Exp(scores.B, Float4.Of(largest.Y)),
        C = Exp(scores.C, Float4.Of(largest.Z)),
        D = Exp(scores.D, Float4.Of(largest.W)),
    };

    static Float4 Exp(Float4 scores, Float4 largest) => new()
    {
        X = Maths.Exp(scores.X - largest.X),
        Y = Maths.Exp(scores.Y - largest.Y),
        Z = Maths.Exp(scores.Z - largest.Z),
        W = Maths.Exp(scores.W - largest.W),
    };
}

/// <summary>The weighted values of four rows of a thread, and the sums of their weights: four columns, and those that
/// lie a group of threads further.</summary>
struct MixedRows
{
    Float4 sums;
    Tile16 a;
    Tile16 b;
    Tile16 c;
    Tile16 d;

    /// <summary>Multiplies each row by a number of its own.</summary>
    public void Scale(Float4 rows)
    {
        sums = Float4.Product(sums, rows);
        a.Scale(rows);
        b.Scale(rows);
        c.Scale(rows);
        d.Scale(rows);
    }

    /// <summary>Adds the values of a key, which begin at a place, by its weight in each row.</summary>
    public void Add<THead>(Float4 weights, ArrayView<Float4> values, int place)
        where THead : struct, IHead
    {
        sums.Add(weights);
        a.Add(weights, values[place]);
        b.Add(weights, values[place + FlashAttendKernel.KeySide]);
        if (default(THead).Size == 64)
            return;
        c.Add(weights, values[place + 2 * FlashAttendKernel.KeySide]);
        d.Add(weights, values[place + 3 * FlashAttendKernel.KeySide]);
    }

    /// <summary>Stores the rows that lie inside the result.</summary>
    public readonly void Store<THead>(
        ArrayView<float> result, ArrayView<float> value, AttentionSizes sizes, FlashRows rows, int row, int column)
        where THead : struct, IHead
    {
        const int Step = FlashAttendKernel.KeySide * 4;
        rows.Store(result, value, sizes, row, column * 4, sums, a);
        rows.Store(result, value, sizes, row, column * 4 + Step, sums, b);
        if (default(THead).Size == 64)
            return;
        rows.Store(result, value, sizes, row, column * 4 + 2 * Step, sums, c);
        rows.Store(result, value, sizes, row, column * 4 + 3 * Step, sums, d);
    }
}
