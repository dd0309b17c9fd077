using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The rotary angles of the first positions on the device of a model: computed once, and read by every
/// run.</summary>
sealed class RotaryTable(Qwen2Config config, Device device) : IDisposable
{
    const int FewestPositions = 256;

    // Positions whose angles are uploaded together.
    const int PartPositions = 4096;

    readonly RotaryEmbedding embedding = new(config);

    // The largest last. Those before it are kept: a run that waits for its reader may still read one.
    readonly List<Tensor> tables = [];

    /// <summary>Returns the angles of at least so many positions, from 0 on, <c>[positions, headSize]</c>; they live as
    /// long as this.</summary>
    public Tensor UpTo(int positions)
    {
        var known = tables is [.., var largest] ? largest.Shape[0] : 0;
        if (positions > known)
        {
            // Doubles, so that a long text computes its angles only a few times.
            var count = (int)Math.Min(int.MaxValue, Math.Max(2L * known, Math.Max(positions, FewestPositions)));
            tables.Add(Make(count));
        }

        return tables[^1];
    }

    public void Dispose()
    {
        foreach (var table in tables)
            table.Dispose();
        tables.Clear();
    }

    Tensor Make(int positions)
    {
        var size = config.HeadSize;
        var table = device.Allocate(positions, size);
        try
        {
            var numbers = new float[Math.Min(positions, PartPositions) * size];
            for (var start = 0; start < positions; start += PartPositions)
            {
                var count = Math.Min(PartPositions, positions - start);
                var part = numbers.AsSpan(0, count * size);
                embedding.Fill(start, count, part);
                device.Upload(part, table.Slice(start, count));
            }

            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }
}
