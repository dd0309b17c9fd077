namespace RatIlgpu.Devices;

/// <summary>A number that the compiler knows: what a kernel does only for more is not compiled for less.</summary>
interface ICount
{
    static abstract int Value { get; }
}

readonly struct One : ICount
{
    public static int Value => 1;
}

readonly struct Two : ICount
{
    public static int Value => 2;
}

readonly struct Three : ICount
{
    public static int Value => 3;
}

readonly struct Four : ICount
{
    public static int Value => 4;
}

readonly struct Five : ICount
{
    public static int Value => 5;
}
