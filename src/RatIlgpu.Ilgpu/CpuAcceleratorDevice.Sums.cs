namespace RatIlgpu.Ilgpu;

sealed partial class CpuAcceleratorDevice
{
    private protected override void SumCells(ArrayView<float> pattern, CellLists lists, ArrayView<float> result) =>
        kernels.Launch(SumCellsOneThreadKernel.Run, Shares, pattern, lists, result);

    private protected override void Entropy(ArrayView<float> pattern, int keys, ArrayView<float> result) =>
        kernels.Launch(EntropyOneThreadKernel.Run, Shares, pattern, keys, result);
}
