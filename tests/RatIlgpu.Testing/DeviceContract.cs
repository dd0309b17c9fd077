using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>The tests that every device passes; a subclass makes the device.</summary>
/// <remarks>Expected numbers are worked out by hand or computed by <see cref="PlainDevice"/>. Tests use tensors only
/// through operations of the device, and tensors lie at odd offsets.</remarks>
public abstract partial class DeviceContract : IClassFixture<ClassFixture>, IDisposable
{
    static readonly DataType[] WeightFormats = [DataType.F32, DataType.F16, DataType.BF16];

    readonly PlainDevice plain = new();
    Device? device;

    /// <summary>Gets how far a number may lie from the definition, as a share of the magnitude of the terms of its
    /// sum.</summary>
    protected virtual float Tolerance => Tolerances.Arithmetic;

    /// <summary>Gets the lengths to try. Lengths up to 257 have every remainder of a vector loop or tile.</summary>
    protected virtual IEnumerable<int> Lengths => Enumerable.Range(0, 258);

    /// <summary>Gets whether a launch on the device takes long. Such a device computes one of 23 attentions, and an
    /// eighth of each count that only has to be large.</summary>
    protected virtual bool IsSlow => false;

    /// <summary>Makes the device, or skips the test with the reason.</summary>
    protected abstract Device Create();

    public void Dispose()
    {
        plain.Dispose();
        GC.SuppressFinalize(this);
    }

    Device Device => device ??= ClassFixture.Shared(Create);

    /// <summary>Computes on the device and on the plain device, and compares the results.</summary>
    /// <param name="run">Lays out operands, computes, and returns the result.</param>
    /// <param name="magnitude">The magnitude of the terms of each sum; 1 if null.</param>
    /// <param name="what">The case, for the message.</param>
    /// <param name="frame">The frame of the operands.</param>
    void AgreesWithPlain(
        Func<Workbench, float[]> run, float[]? magnitude = null, string what = "", int frame = Workbench.OddFrame)
    {
        var (actual, expected) = (Workbench.On(Device, run, frame), Workbench.On(plain, run, frame));
        Near(expected, actual, magnitude, what);
    }

    void Near(float[] expected, float[] actual, float[]? magnitude = null, string what = "")
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var allowed = Tolerance * (magnitude?[i] ?? 1);
            // Not > allowed: a NaN would pass. Equals lets only an expected NaN pass.
            if (!(Math.Abs(actual[i] - expected[i]) <= allowed) && !expected[i].Equals(actual[i]))
                Assert.Fail(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what} [{i}] is {actual[i]:R}, expected {expected[i]:R} within {allowed:R}."));
        }
    }

    // Odd where it is less than all, so that there is a remainder.
    int Many(int count) => IsSlow ? (count / 8) | 1 : count;

    float[] Compute(Func<Workbench, float[]> run) => Workbench.On(Device, run);

    /// <summary>Numbers in [−scale, scale), the same for the same seed.</summary>
    static float[] Numbers(int seed, int count, float scale = 1)
    {
        var random = new Random(seed);
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
            numbers[i] = (random.NextSingle() * 2 - 1) * scale;
        return numbers;
    }

    static float[] Magnitudes(float[] numbers) => [.. numbers.Select(Math.Abs)];
}
