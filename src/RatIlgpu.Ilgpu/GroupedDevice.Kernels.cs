using ILGPU.Runtime.CPU;

namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    readonly HashSet<DataType> prepared = [];

    public override void Dispose()
    {
        kernels.Wait();
        base.Dispose();
    }

    /// <summary>The kernels of a pass with weights of a type; others are compiled when they are first
    /// launched.</summary>
    internal IReadOnlyCollection<Delegate> KernelsOf(DataType type) => type switch
    {
        DataType.F16 => KernelsOf<ushort, UShort4, UInt4, FromF16>(type),
        DataType.BF16 => KernelsOf<ushort, UShort4, UInt4, FromBF16>(type),
        _ => KernelsOf<float, Float4, Float8, FromF32>(type),
    };

    // Kernels are compiled while weights are on their way.
    protected override Tensor LoadCore(HostTensor source)
    {
        lock (Gate)
            if (!IsDisposed && Accelerator is not CPUAccelerator && prepared.Add(source.DataType))
                kernels.Prepare(KernelsOf(source.DataType));
        return base.LoadCore(source);
    }

    IReadOnlyCollection<Delegate> KernelsOf<TStored, TFour, TEight, TDequantizer>(DataType type)
        where TStored : unmanaged
        where TFour : unmanaged
        where TEight : unmanaged
        where TDequantizer :
            struct, IDequantizer<TStored>, IFourDequantizer<TFour>, IEightDequantizer<TEight>, IDotTile<TStored> =>
    [
        GatherKernel.Run<TStored, TDequantizer>,
        RmsNormKernel.Run<TReduction, TStored, TDequantizer>,
        PatternRowsKernel.Run<TReduction>,
        ReducePatternKernel.Run,
        .. isProcessor
            ?
            [
                ProcessorLinearKernel.Run<TStored, TDequantizer>,
                ProcessorPairsKernel.Run<TStored, TDequantizer, HeadPairs<TStored>>,
                ProcessorPairsKernel.Run<TStored, TDequantizer, GatedPairs<TStored>>,
                ProcessorAttendKernel.Run,
            ]
            : GroupKernelsOf<TFour, TEight, TDequantizer>(type),
    ];

    IReadOnlyCollection<Delegate> GroupKernelsOf<TFour, TEight, TDequantizer>(DataType type)
        where TFour : unmanaged
        where TEight : unmanaged
        where TDequantizer : struct, IFourDequantizer<TFour>, IEightDequantizer<TEight> =>
    [
        AttendKernel.Run<TReduction>,
        FlashAttendKernel.Run<Head64>,
        FlashAttendKernel.Run<Head128>,
        FewRowsKernel.Run<TReduction, OneRow, TEight, TDequantizer, PlainPairs<TEight>>,
        FewRowsKernel.Run<TReduction, OneRow, TEight, TDequantizer, HeadPairs<TEight>>,
        FewRowsKernel.Run<TReduction, OneRow, TEight, TDequantizer, GatedPairs<TEight>>,
        .. type == DataType.BF16 && tensorCores != TensorCores.Unused
            ?
            [
                .. TensorKernels<PlainPairs<UInt2>>(), .. TensorKernels<HeadPairs<UInt2>>(),
                .. TensorKernels<GatedPairs<UInt2>>(),
            ]
            : (IReadOnlyCollection<Delegate>)
            [
                LinearKernel.Run<LargeTile, TFour, TDequantizer, PlainPairs<TFour>>,
                LinearKernel.Run<LargeTile, TFour, TDequantizer, HeadPairs<TFour>>,
                LinearKernel.Run<LargeTile, TFour, TDequantizer, GatedPairs<TFour>>,
            ],
    ];

    IReadOnlyCollection<Delegate> TensorKernels<TPairs>()
        where TPairs : struct, IPairs<UInt2> => tensorCores == TensorCores.Exact
        ?
        [
            TensorLinearKernel.Run<SmallTensorTile, ExactParts, TPairs>,
            TensorLinearKernel.Run<LargeTensorTile, ExactParts, TPairs>,
        ]
        :
        [
            TensorLinearKernel.Run<SmallTensorTile, RoundedParts, TPairs>,
            TensorLinearKernel.Run<LargeTensorTile, RoundedParts, TPairs>,
        ];
}
