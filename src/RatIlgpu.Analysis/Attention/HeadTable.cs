namespace RatIlgpu.Analysis;

/// <summary>The rows of an activation that has heads.</summary>
/// <param name="Rows"><c>[rows, width]</c>, on the device of the model.</param>
/// <param name="IndexOf">Returns the row of a position and a head of the activation.</param>
/// <param name="GroupSize">The number of query heads that share a head of the activation.</param>
sealed record HeadTable(Tensor Rows, Func<int, int, int> IndexOf, int GroupSize)
{
    /// <summary>Copies the rows that a query head reads into a tensor, <c>[tokens, width]</c>.</summary>
    public void Copy(int head, Tensor result, Device device)
    {
        var rows = new int[result.Shape[0]];
        for (var position = 0; position < rows.Length; position++)
            rows[position] = IndexOf(position, head / GroupSize);
        device.Gather(Rows, rows, result);
    }

    /// <summary>Returns the rows that a query head reads, <c>[tokens, width]</c>.</summary>
    public float[] Download(int head, int tokens, Device device)
    {
        using var copy = device.Allocate(tokens, Rows.Shape[1]);
        Copy(head, copy, device);
        return device.Download(copy);
    }
}
