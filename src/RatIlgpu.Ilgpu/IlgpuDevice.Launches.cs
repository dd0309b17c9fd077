namespace RatIlgpu.Ilgpu;

abstract unsafe partial class IlgpuDevice
{
    /// <summary>How many kernels were launched so far.</summary>
    internal abstract long Launches { get; }

    /// <summary>Launches a kernel that writes a result; none for an empty result, since no grid may be empty.</summary>
    protected void Compute(Tensor result, Action launch)
    {
        if (result.Shape.Count != 0)
            Use(launch);
    }

    /// <summary>Launches a kernel with row numbers in the memory of the accelerator; none for no rows, or rows of no
    /// numbers.</summary>
    protected void EachRow(ReadOnlySpan<int> rows, Tensor destination, Action<ArrayView<int>> launch)
    {
        if (rows.IsEmpty || destination.Shape.Count == 0)
            return;
        lock (Gate)
        {
            using var loaded = LoadRows(rows);
            var places = loaded.ViewOf<int>(rows.Length);
            Use(() => launch(places));
        }
    }
}
