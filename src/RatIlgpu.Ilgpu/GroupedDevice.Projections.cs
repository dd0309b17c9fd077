namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    protected override void ProjectHeadsCore(
        Tensor x, HeadWeights query, HeadWeights key, HeadWeights value, Tensor angles, Tensor queries, Tensor keys,
        Tensor values)
    {
        if (queries.Shape.Count == 0 || keys.Shape.Count == 0
            || !IsInFourPairs(queries) || !IsOneLaunch(x, query.Weight, key.Weight, value.Weight))
        {
            base.ProjectHeadsCore(x, query, key, value, angles, queries, keys, values);
            return;
        }

        Project(x, query, key, value, angles, queries, keys, values);
        if (!IsNormed(query, key))
            return;
        NormAndRotate(query.Norm, angles, queries);
        NormAndRotate(key.Norm, angles, keys);
    }

    void Project(
        Tensor x, HeadWeights query, HeadWeights key, HeadWeights value, Tensor angles, Tensor queries, Tensor keys,
        Tensor values)
    {
        var sizes = ProductSizes.OfLinear(x.Shape, query.Weight.Shape, null, false);
        Use(() =>
        {
            switch (query.Weight.DataType)
            {
                case DataType.F16: Launch<ushort, UShort4, UInt4, FromF16>(); break;
                case DataType.BF16: Launch<ushort, UShort4, UInt4, FromBF16>(); break;
                default: Launch<float, Float4, Float8, FromF32>(); break;
            }
        });

        void Launch<TStored, TFour, TEight, TDequantizer>()
            where TStored : unmanaged
            where TFour : unmanaged
            where TEight : unmanaged
            where TDequantizer : struct, IFourDequantizer<TFour>, IEightDequantizer<TEight>, IDotTile<TStored>
        {
            if (isProcessor)
                PairsOnProcessor<TStored, TDequantizer, HeadPairs<TStored>>(x, Pairs<TStored>(), sizes);
            else if (x.Shape[0] <= FewRows)
                OfFewRows<TEight, TDequantizer, HeadPairs<TEight>>(x, Pairs<TEight>());
            else if (UsesTensorCores(query.Weight))
                OnTensorCores(x, Pairs<UInt2>(), sizes);
            else
                InFours<TFour, TDequantizer, HeadPairs<TFour>>(x, Pairs<TFour>(), sizes, 1);
        }

        HeadPairs<T> Pairs<T>()
            where T : unmanaged => PairsOf<T>(x, query, key, value, angles, queries, keys, values);
    }

    protected override void GatedLinearCore(Tensor x, Tensor gate, Tensor up, Tensor scratch, Tensor result)
    {
        if (result.Shape.Count == 0 || !IsOneLaunch(x, gate, up))
        {
            base.GatedLinearCore(x, gate, up, scratch, result);
            return;
        }

        var sizes = ProductSizes.OfLinear(x.Shape, gate.Shape, null, false);
        Use(() =>
        {
            switch (gate.DataType)
            {
                case DataType.F16: Launch<ushort, UShort4, UInt4, FromF16>(); break;
                case DataType.BF16: Launch<ushort, UShort4, UInt4, FromBF16>(); break;
                default: Launch<float, Float4, Float8, FromF32>(); break;
            }
        });

        void Launch<TStored, TFour, TEight, TDequantizer>()
            where TStored : unmanaged
            where TFour : unmanaged
            where TEight : unmanaged
            where TDequantizer : struct, IFourDequantizer<TFour>, IEightDequantizer<TEight>, IDotTile<TStored>
        {
            if (isProcessor)
                PairsOnProcessor<TStored, TDequantizer, GatedPairs<TStored>>(x, Pairs<TStored>(), sizes);
            else if (x.Shape[0] <= FewRows)
                OfFewRows<TEight, TDequantizer, GatedPairs<TEight>>(x, Pairs<TEight>());
            else if (UsesTensorCores(gate))
                OnTensorCores(x, Pairs<UInt2>(), sizes);
            else
                InFours<TFour, TDequantizer, GatedPairs<TFour>>(x, Pairs<TFour>(), sizes, 1);
        }

        GatedPairs<T> Pairs<T>()
            where T : unmanaged => PairsOf<T>(x, gate, up, result);
    }

    HeadPairs<T> PairsOf<T>(
        Tensor x, HeadWeights query, HeadWeights key, HeadWeights value, Tensor angles, Tensor queries, Tensor keys,
        Tensor values)
        where T : unmanaged => new()
        {
            Query = Part<T>(query, queries),
            Key = Part<T>(key, keys),
            Value = Part<T>(value, values),
            Angles = Floats(angles),
            Rows = x.Shape[0],
            Inner = x.Shape[1],
            Half = queries.Shape[2] / 2,
            Rotated = IsNormed(query, key) ? 0 : (query.Weight.Shape[0] + key.Weight.Shape[0]) / 2,
        };

    // A norm needs whole heads, which no group has: norm and rotation then follow the products.
    static bool IsNormed(HeadWeights query, HeadWeights key) => query.Norm is not null || key.Norm is not null;

    void NormAndRotate(HeadNorm? norm, Tensor angles, Tensor heads)
    {
        if (norm is not { } found)
        {
            RotateCore(heads, angles, heads);
            return;
        }

        Compute(heads, () =>
        {
            switch (found.Gain.DataType)
            {
                case DataType.F16: Launch<ushort, FromF16>(); break;
                case DataType.BF16: Launch<ushort, FromBF16>(); break;
                default: Launch<float, FromF32>(); break;
            }
        });

        void Launch<TStored, TDequantizer>()
            where TStored : unmanaged
            where TDequantizer : struct, IDequantizer<TStored> =>
            kernels.Launch(
                NormRotateKernel.Run<TReduction, TStored, TDequantizer>, Groups((long)heads.Shape[0] * heads.Shape[1]),
                Own(found.Gain).As<TStored>(), found.Epsilon, Floats(angles),
                AttentionSizes.Of(heads.Shape, heads.Shape), Floats(heads));
    }

    GatedPairs<T> PairsOf<T>(Tensor x, Tensor gate, Tensor up, Tensor result)
        where T : unmanaged => new()
        {
            Gate = Own(gate).As<T>(),
            Up = Own(up).As<T>(),
            Rows = x.Shape[0],
            Columns = gate.Shape[0],
            Inner = x.Shape[1],
            Result = Floats(result),
        };

    HeadPart<T> Part<T>(HeadWeights weights, Tensor result)
        where T : unmanaged => new()
        {
            Weight = Own(weights.Weight).As<T>(),
            Bias = Bias.Of(weights.Bias is null ? null : Own(weights.Bias)),
            Result = Floats(result),
            Pairs = weights.Weight.Shape[0] / 2,
        };

    // Only weights of one format, and where each part would take the kernel that the whole takes, or one that adds in
    // the same order: the numbers are then the same.
    bool IsOneLaunch(Tensor x, params ReadOnlySpan<Tensor> weights)
    {
        var isFew = x.Shape[0] <= FewRows;
        if (!isProcessor && (!Own(x).IsInFours || !isFew && x.Shape[1] % LinearKernel.Depth != 0))
            return false;
        foreach (var weight in weights)
            if (weight.DataType != weights[0].DataType
                || !isProcessor && !(isFew ? Own(weight).IsInEights : Own(weight).IsInFours))
                return false;
        return true;
    }

    // A processor multiplies four pairs at a time, all of one head.
    bool IsInFourPairs(Tensor heads) => !isProcessor || heads.Shape[2] % 8 == 0;

    bool UsesTensorCores(Tensor weight) => tensorCores != TensorCores.Unused && weight.DataType == DataType.BF16;
}
