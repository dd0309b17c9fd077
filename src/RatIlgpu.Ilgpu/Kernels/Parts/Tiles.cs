namespace RatIlgpu.Ilgpu;

/// <summary>The number of threads along each side of a tile of a product; each thread computes four by four
/// numbers.</summary>
interface ITile
{
    int Side { get; }
}

/// <summary>64 by 64 numbers by 256 threads.</summary>
readonly struct LargeTile : ITile
{
    public int Side => 16;
}

/// <summary>32 by 32 numbers by 64 threads.</summary>
readonly struct MiddleTile : ITile
{
    public int Side => 8;
}

/// <summary>8 by 8 numbers by 4 threads, for accelerators that do not have larger groups.</summary>
readonly struct SmallTile : ITile
{
    public int Side => 2;
}

/// <summary>Four numbers that one instruction loads.</summary>
struct Float4
{
    public float X;
    public float Y;
    public float Z;
    public float W;

    /// <summary>The same number four times.</summary>
    public static Float4 Of(float number) => new() { X = number, Y = number, Z = number, W = number };

    public static Float4 Product(Float4 x, Float4 y) =>
        new() { X = x.X * y.X, Y = x.Y * y.Y, Z = x.Z * y.Z, W = x.W * y.W };

    public static Float4 Max(Float4 x, Float4 y) => new()
    {
        X = IntrinsicMath.Max(x.X, y.X),
        Y = IntrinsicMath.Max(x.Y, y.Y),
        Z = IntrinsicMath.Max(x.Z, y.Z),
        W = IntrinsicMath.Max(x.W, y.W),
    };

    /// <summary>Adds other numbers.</summary>
    public void Add(Float4 numbers)
    {
        X += numbers.X;
        Y += numbers.Y;
        Z += numbers.Z;
        W += numbers.W;
    }
}

/// <summary>Eight numbers.</summary>
struct Float8
{
    public Float4 Low;
    public Float4 High;
}

/// <summary>Eight stored weights of two bytes, two in each field, that one instruction loads.</summary>
struct UInt4
{
    public uint A;
    public uint B;
    public uint C;
    public uint D;
}

/// <summary>Four stored weights of two bytes that one instruction loads.</summary>
struct UShort4
{
    public ushort X;
    public ushort Y;
    public ushort Z;
    public ushort W;
}

/// <summary>The four by four sums of a thread, as fields: ILGPU does not keep arrays in registers.</summary>
struct Tile16
{
    public Float4 A;
    public Float4 B;
    public Float4 C;
    public Float4 D;

    /// <summary>Adds the products of four rows and four columns.</summary>
    public void Add(Float4 rows, Float4 columns)
    {
        A = Products(A, rows.X, columns);
        B = Products(B, rows.Y, columns);
        C = Products(C, rows.Z, columns);
        D = Products(D, rows.W, columns);
    }

    /// <summary>Adds other sums. Adding few products first, and then their sums, loses less than adding one product
    /// after the other.</summary>
    public void Add(Tile16 sums)
    {
        A.Add(sums.A);
        B.Add(sums.B);
        C.Add(sums.C);
        D.Add(sums.D);
    }

    /// <summary>Multiplies each row by a number of its own.</summary>
    public void Scale(Float4 rows)
    {
        A = Float4.Product(A, Float4.Of(rows.X));
        B = Float4.Product(B, Float4.Of(rows.Y));
        C = Float4.Product(C, Float4.Of(rows.Z));
        D = Float4.Product(D, Float4.Of(rows.W));
    }

    static Float4 Products(Float4 sums, float x, Float4 y)
    {
        sums.X = Fused.MultiplyAdd(x, y.X, sums.X);
        sums.Y = Fused.MultiplyAdd(x, y.Y, sums.Y);
        sums.Z = Fused.MultiplyAdd(x, y.Z, sums.Z);
        sums.W = Fused.MultiplyAdd(x, y.W, sums.W);
        return sums;
    }
}
