using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

/// <summary>A tensor in the memory of an accelerator.</summary>
sealed class IlgpuTensor : Tensor
{
    readonly Storage storage;
    readonly long offset;
    readonly bool isView;

    IlgpuTensor(Shape shape, DataType format, Storage storage, long offset, bool isView)
        : base(shape, format) =>
        (this.storage, this.offset, this.isView) = (storage, offset, isView);

    public IlgpuTensor(Shape shape, DataType format, Storage storage)
        : this(shape, format, storage, 0, isView: false)
    {
    }

    public IlgpuDevice Device => storage.Device;

    /// <summary>Whether the numbers start, and every row of them, where vectors of four may be loaded.</summary>
    public bool IsInFours => offset % 4 == 0 && Shape[^1] % 4 == 0;

    /// <summary>The numbers as an accelerator sees them.</summary>
    /// <typeparam name="T">As wide as the format, or a vector of it.</typeparam>
    /// <remarks>Nothing may lie one past the last number, where ILGPU lets no view start.</remarks>
    public ArrayView<T> As<T>()
        where T : unmanaged => Shape.Count == 0
        ? ArrayView<T>.Empty
        : storage.View.SubView(offset * DataType.Size(), Shape.Count * DataType.Size()).Cast<T>();

    public override void Dispose()
    {
        if (!isView)
            storage.Dispose();
    }

    protected override Tensor View(Shape shape, long start) =>
        new IlgpuTensor(shape, DataType, storage, offset + start, isView: true);
}
