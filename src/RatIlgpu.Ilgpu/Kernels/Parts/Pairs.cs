namespace RatIlgpu.Ilgpu;

/// <summary>The columns of a product, two by two: what becomes of a pair is the last part of a kernel, and a parameter
/// of it.</summary>
/// <typeparam name="T">The type of the weights that one instruction loads.</typeparam>
interface IPairs<T>
    where T : unmanaged
{
    /// <summary>The number of pairs.</summary>
    int Count { get; }

    /// <summary>The weights of a pair in [0, <see cref="Count"/>).</summary>
    Pair<T> At(int pair);

    /// <summary>Stores the products of a row with a pair; nothing, if there is no such row or pair.</summary>
    void Store(int row, int pair, float low, float high);
}

/// <summary>Where the weights of two columns begin, counted in numbers.</summary>
struct Pair<T>
    where T : unmanaged
{
    public ArrayView<T> Low;
    public ArrayView<T> High;
    public long LowPlace;
    public long HighPlace;
}

/// <summary>Neighbouring columns of one product.</summary>
struct PlainPairs<T> : IPairs<T>
    where T : unmanaged
{
    public ArrayView<T> Weight;
    public ProductSizes Sizes;
    public ArrayView<float> Result;

    public readonly int Count => (Sizes.Columns + 1) / 2;

    public readonly Pair<T> At(int pair)
    {
        var batch = Grid.IdxY / Sizes.Group * Sizes.YBatch;
        var high = IntrinsicMath.Min(2 * pair + 1, Sizes.Columns - 1);
        return new()
        {
            Low = Weight,
            High = Weight,
            LowPlace = batch + 2 * pair * Sizes.YColumn,
            HighPlace = batch + high * Sizes.YColumn,
        };
    }

    public readonly void Store(int row, int pair, float low, float high)
    {
        if (row >= Sizes.Rows)
            return;
        var place = Grid.IdxY * Sizes.ResultBatch + row * Sizes.ResultRow + 2 * pair;
        Results.StoreOne(Result, Sizes, place, 2 * pair, low);
        Results.StoreOne(Result, Sizes, place + 1, 2 * pair + 1, high);
    }
}

/// <summary>Gate and up of an MLP: <c>result = silu(gate) ⊙ up</c>.</summary>
struct GatedPairs<T> : IPairs<T>
    where T : unmanaged
{
    public ArrayView<T> Gate;
    public ArrayView<T> Up;
    public int Rows;
    public int Columns;
    public int Inner;
    public ArrayView<float> Result;

    public readonly int Count => Columns;

    public readonly Pair<T> At(int pair) => new()
    {
        Low = Gate,
        High = Up,
        LowPlace = (long)pair * Inner,
        HighPlace = (long)pair * Inner,
    };

    public readonly void Store(int row, int pair, float low, float high)
    {
        if (row < Rows && pair < Columns)
            Result[(long)row * Columns + pair] = SwiGluKernel.Of(low, high);
    }
}

/// <summary>The numbers of queries, keys and values that rotation turns together.</summary>
struct HeadPairs<T> : IPairs<T>
    where T : unmanaged
{
    public HeadPart<T> Query;
    public HeadPart<T> Key;
    public HeadPart<T> Value;
    public ArrayView<float> Angles;
    public int Rows;
    public int Inner;
    public int Half;

    /// <summary>The pairs that are rotated, which come first.</summary>
    public int Rotated;

    public readonly int Count => Query.Pairs + Key.Pairs + Value.Pairs;

    public readonly Pair<T> At(int pair)
    {
        var part = PartOf(pair);
        var column = Column(pair - FirstOf(pair));
        return new()
        {
            Low = part.Weight,
            High = part.Weight,
            LowPlace = (long)column * Inner,
            HighPlace = (long)(column + Half) * Inner,
        };
    }

    public readonly void Store(int row, int pair, float low, float high)
    {
        if (row >= Rows || pair >= Count)
            return;
        var part = PartOf(pair);
        var own = pair - FirstOf(pair);
        var column = Column(own);
        var place = (long)row * part.Pairs * 2 + column;
        var (a, b) = (low + part.Bias.At(column), high + part.Bias.At(column + Half));
        var angle = (long)row * 2 * Half + own % Half;
        var isRotated = pair < Rotated;
        part.Result[place] = isRotated ? RotateKernel.Low(a, b, Angles[angle], Angles[angle + Half]) : a;
        part.Result[place + Half] = isRotated ? RotateKernel.High(a, b, Angles[angle], Angles[angle + Half]) : b;
    }

    // The column of the first number of a pair of a part.
    readonly int Column(int own) => own / Half * 2 * Half + own % Half;

    readonly HeadPart<T> PartOf(int pair) =>
        pair < Query.Pairs ? Query : pair < Query.Pairs + Key.Pairs ? Key : Value;

    readonly int FirstOf(int pair) =>
        pair < Query.Pairs ? 0 : pair < Query.Pairs + Key.Pairs ? Query.Pairs : Query.Pairs + Key.Pairs;
}

/// <summary>Queries, keys or values.</summary>
struct HeadPart<T>
    where T : unmanaged
{
    public ArrayView<T> Weight;
    public Bias Bias;
    public ArrayView<float> Result;
    public int Pairs;
}
