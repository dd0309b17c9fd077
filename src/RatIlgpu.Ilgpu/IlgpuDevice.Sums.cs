namespace RatIlgpu.Ilgpu;

abstract unsafe partial class IlgpuDevice
{
    // The sums asked for last, in the memory of the accelerator: they are the same for every layer of a model.
    (CellSums Sums, CellLists Lists, Storage Memory)? lastSums;

    protected sealed override void SumCellsCore(Tensor pattern, CellSums sums, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        if (sums.Cells.IsEmpty)
        {
            FillCore(0, result);
            return;
        }

        lock (Gate)
        {
            var lists = ListsOf(sums);
            Use(() => SumCells(Floats(pattern), lists, Floats(result)));
        }
    }

    protected sealed override void EntropyCore(Tensor pattern, Tensor result)
    {
        // A row of no keys.
        if (pattern.Shape.Count == 0)
            FillCore(0, result);
        else
            Use(() => Entropy(Floats(pattern), pattern.Shape[2], Floats(result)));
    }

    /// <summary>Launches the sums of at least one cell in at least one row of at least one head.</summary>
    private protected abstract void SumCells(ArrayView<float> pattern, CellLists lists, ArrayView<float> result);

    /// <summary>Launches the entropy of each row of some keys.</summary>
    private protected abstract void Entropy(ArrayView<float> pattern, int keys, ArrayView<float> result);

    CellLists ListsOf(CellSums sums)
    {
        if (lastSums is { } last && last.Sums == sums)
            return last.Lists;
        ForgetSums();
        ImmutableArray<int> longRows =
        [
            .. Enumerable.Range(0, sums.RowCount)
                .Where(row => sums.Starts[row + 1] - sums.Starts[row] > CellLists.MostOfThread),
        ];
        var weights = MemoryMarshal.Cast<float, int>(sums.Weights.AsSpan());
        int[] all = [.. sums.Starts, .. sums.Cells, .. weights, .. longRows];
        var memory = LoadRows(all);
        var lists = CellLists.Of(memory.ViewOf<int>(all.Length), sums, longRows.Length);
        lastSums = (sums, lists, memory);
        return lists;
    }

    void ForgetSums()
    {
        lastSums?.Memory.Dispose();
        lastSums = null;
    }
}
