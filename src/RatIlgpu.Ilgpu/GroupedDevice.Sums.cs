namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    // Most rows are one cell, and a thread is enough; a group adds up each of the others, so that no thread is waited
    // for while it adds thousands of cells.
    private protected override void SumCells(ArrayView<float> pattern, CellLists lists, ArrayView<float> result)
    {
        kernels.Launch(SumCellsKernel.Run, Each(result.Length), pattern, lists, result);
        if (lists.LongRows.Length != 0)
            kernels.Launch(
                SumLongRowsKernel.Run<TReduction>, Groups(result.Length / lists.Rows * lists.LongRows.Length), pattern,
                lists, result);
    }

    private protected override void Entropy(ArrayView<float> pattern, int keys, ArrayView<float> result) =>
        kernels.Launch(EntropyKernel.Run<TReduction>, Groups(result.Length), pattern, keys, result);
}
