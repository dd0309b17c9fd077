namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Adds_numbers() => EachLength(length =>
    {
        var (x, y) = (Numbers(1, length), Numbers(2, length));
        AgreesWithPlain(on =>
        {
            var sum = on.Allocate(length);
            on.Device.Add(on.Put(x, length), on.Put(y, length), sum);
            return on.Read(sum);
        });
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Adds_in_place_of_either_source(bool first) => Assert.Equal([11, 22, 33], Compute(on =>
    {
        var (x, y) = (on.Put([1, 2, 3], 3), on.Put([10, 20, 30], 3));
        on.Device.Add(x, y, first ? x : y);
        return on.Read(first ? x : y);
    }));

    [Fact]
    public void Adds_more_numbers_than_one_thread_should()
    {
        var (x, y) = (Numbers(1, 40_007), Numbers(2, 40_007));
        AgreesWithPlain(on =>
        {
            var sum = on.Allocate(40_007);
            on.Device.Add(on.Put(x, 40_007), on.Put(y, 40_007), sum);
            return on.Read(sum);
        });
    }

    [Fact]
    public void Gates_by_silu() => EachLength(length =>
    {
        var (gate, up) = (Numbers(3, length, 10), Numbers(4, length));
        AgreesWithPlain(on => SwiGlu(on, gate, up), Magnitudes(gate));
    });

    [Fact]
    public void Silu_of_the_logarithm_of_3_is_three_quarters_of_it() =>
        Near([3 * MathF.Log(3)], Compute(on => SwiGlu(on, [MathF.Log(3)], [4])), [4]);

    [Fact]
    public void Silu_neither_overflows_nor_loses_a_large_gate() =>
        Near(
            [0, 0, 0, 100, 1e30f], Compute(on => SwiGlu(on, [-1e30f, -100, 0, 100, 1e30f], [1, 1, 1, 1, 1])),
            [1, 1, 1, 100, 1e30f]);

    [Fact]
    public void Gates_in_place_of_either_source()
    {
        var (gate, up) = (Numbers(3, 37, 10), Numbers(4, 37));
        AgreesWithPlain(
            on =>
            {
                var (x, y) = (on.Put(gate, 37), on.Put(up, 37));
                on.Device.SwiGlu(x, y, x);
                var inFirst = on.Read(x);
                x = on.Put(gate, 37);
                on.Device.SwiGlu(x, y, y);
                Assert.Equal(inFirst, on.Read(y));
                return inFirst;
            },
            Magnitudes(gate));
    }

    static float[] SwiGlu(Workbench on, float[] gate, float[] up)
    {
        var result = on.Allocate(gate.Length);
        on.Device.SwiGlu(on.Put(gate, gate.Length), on.Put(up, gate.Length), result);
        return on.Read(result);
    }
}
