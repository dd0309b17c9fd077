namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    protected override void ProjectHeadsCore(
        Tensor x, HeadWeights query, HeadWeights key, HeadWeights value, Tensor angles, Tensor queries, Tensor keys,
        Tensor values)
    {
        if (query.Norm is not null || key.Norm is not null || queries.Shape.Count == 0 || keys.Shape.Count == 0
            || !IsOneLaunch(x, query.Weight, key.Weight, value.Weight))
        {
            base.ProjectHeadsCore(x, query, key, value, angles, queries, keys, values);
            return;
        }

        Use(() =>
        {
            switch (query.Weight.DataType)
            {
                case DataType.F16: Launch<UShort4, UInt4, FromF16>(); break;
                case DataType.BF16: Launch<UShort4, UInt4, FromBF16>(); break;
                default: Launch<Float4, Float8, FromF32>(); break;
            }
        });

        void Launch<TFour, TEight, TDequantizer>()
            where TFour : unmanaged
            where TEight : unmanaged
            where TDequantizer : struct, IFourDequantizer<TFour>, IEightDequantizer<TEight>
        {
            if (x.Shape[0] <= FewRows)
                OfFewRows<TEight, TDequantizer, HeadPairs<TEight>>(x, Pairs<TEight>());
            else
                InFours<TFour, TDequantizer, HeadPairs<TFour>>(
                    x, Pairs<TFour>(), ProductSizes.OfLinear(x.Shape, query.Weight.Shape, null, false), 1);
        }

        HeadPairs<T> Pairs<T>()
            where T : unmanaged => new()
            {
                Query = Part<T>(query, queries),
                Key = Part<T>(key, keys),
                Value = Part<T>(value, values),
                Angles = Floats(angles),
                Rows = x.Shape[0],
                Inner = x.Shape[1],
                Half = queries.Shape[2] / 2,
            };
    }

    protected override void GatedLinearCore(Tensor x, Tensor gate, Tensor up, Tensor scratch, Tensor result)
    {
        if (result.Shape.Count == 0 || !IsOneLaunch(x, gate, up))
        {
            base.GatedLinearCore(x, gate, up, scratch, result);
            return;
        }

        Use(() =>
        {
            switch (gate.DataType)
            {
                case DataType.F16: Launch<UShort4, UInt4, FromF16>(); break;
                case DataType.BF16: Launch<UShort4, UInt4, FromBF16>(); break;
                default: Launch<Float4, Float8, FromF32>(); break;
            }
        });

        void Launch<TFour, TEight, TDequantizer>()
            where TFour : unmanaged
            where TEight : unmanaged
            where TDequantizer : struct, IFourDequantizer<TFour>, IEightDequantizer<TEight>
        {
            if (x.Shape[0] <= FewRows)
                OfFewRows<TEight, TDequantizer, GatedPairs<TEight>>(x, Pairs<TEight>());
            else
                InFours<TFour, TDequantizer, GatedPairs<TFour>>(
                    x, Pairs<TFour>(), ProductSizes.OfLinear(x.Shape, gate.Shape, null, false), 1);
        }

        GatedPairs<T> Pairs<T>()
            where T : unmanaged => new()
            {
                Gate = Own(gate).As<T>(),
                Up = Own(up).As<T>(),
                Rows = x.Shape[0],
                Columns = gate.Shape[0],
                Inner = x.Shape[1],
                Result = Floats(result),
            };
    }

    HeadPart<T> Part<T>(HeadWeights weights, Tensor result)
        where T : unmanaged => new()
        {
            Weight = Own(weights.Weight).As<T>(),
            Bias = Bias.Of(weights.Bias is null ? null : Own(weights.Bias)),
            Result = Floats(result),
            Pairs = weights.Weight.Shape[0] / 2,
        };

    // Only weights of one format, and where each part would take the kernel that the whole takes: the numbers are then
    // the same.
    bool IsOneLaunch(Tensor x, params ReadOnlySpan<Tensor> weights)
    {
        var isFew = x.Shape[0] <= FewRows;
        if (isProcessor || !Own(x).IsInFours || !isFew && x.Shape[1] % LinearKernel.Depth != 0)
            return false;
        foreach (var weight in weights)
            if (weight.DataType != weights[0].DataType
                || (isFew ? !Own(weight).IsInEights : !Own(weight).IsInFours || UsesTensorCores(weight)))
                return false;
        return true;
    }

    bool UsesTensorCores(Tensor weight) => tensorCores != TensorCores.Unused && weight.DataType == DataType.BF16;
}
