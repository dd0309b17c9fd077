using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Sums of the rows of recorded activations over positions, with a factor for each number of a head and each
/// position.</summary>
/// <param name="model">The model.</param>
/// <param name="run">The run.</param>
/// <param name="at">The positions and factors.</param>
sealed class SummedRows(Qwen2Model model, Recording run, WeightedTurns at) : IDisposable
{
    readonly RowSums sums = new(model, at.Factors);

    /// <summary>Returns the sums, <c>[headSize][width]</c>; of an activation with heads, those of all heads lie
    /// together.</summary>
    /// <exception cref="ArgumentException">The run does not have the activation at a position or of a
    /// head.</exception>
    public double[][] Of(Site site)
    {
        var rows = run[site];
        var heads = int.Max(1, ActivationAxes.HeadsOf(site.Activation, model.Config));
        if (heads > 1 && rows.Heads.Length != heads)
            throw new ArgumentException(
                $"{site} was recorded of {rows.Heads.Length} heads, expected all {heads}.");
        int[] places =
        [
            .. at.Positions.Select(position =>
                rows.Heads.IsEmpty ? rows.IndexOf(position) : rows.IndexOf(position, 0) / heads),
        ];
        // Of few rows the device would compute more zeros than sums.
        if (places.Length < at.Factors.Length)
            return Few(rows, places, rows.Width * heads);
        using var held = rows.Numbers.On(model.Device);
        return sums.Of(held.Tensor.Reshape(rows.Positions.Length, rows.Width * heads), places);
    }

    /// <summary>Returns the positions up to a last one that a head may have read, which are no padding.</summary>
    public IEnumerable<int> Sources(int last) =>
        Enumerable.Range(0, last + 1).Where(source => run.AttentionMask?[source] != 0);

    /// <summary>Returns the sums of a head's attention to a source, <c>[headSize]</c>.</summary>
    public double[] Attending(HeadIndex head, int source)
    {
        var pattern = run[new(Activation.Pattern, head.Layer)];
        double[] attention = [.. at.Positions.Select(position => (double)pattern.Row(position, head.Head)[source])];
        return [.. at.Factors.Select(row => TensorPrimitives.Dot<double>(row, attention))];
    }

    /// <summary>Returns the values that a head reads: its own, if an intervention changed them, else those of its
    /// group.</summary>
    public HeadRows Values(HeadIndex head) => HeadRows.Values(run, model.Config, head);

    /// <summary>Frees the memory of the device.</summary>
    public void Dispose() => sums.Dispose();

    double[][] Few(RecordedActivation rows, int[] places, int width)
    {
        var few = new double[at.Factors.Length][];
        var row = new double[width];
        for (var i = 0; i < few.Length; i++)
            few[i] = new double[width];
        foreach (var (place, index) in places.Index())
        {
            TensorPrimitives.ConvertTruncating(rows.Values.Slice(index * width, width), row);
            for (var i = 0; i < few.Length; i++)
                TensorPrimitives.MultiplyAdd(row, at.Factors[i][place], few[i], few[i]);
        }

        return few;
    }
}
