namespace RatIlgpu.Analysis;

/// <summary>A run of a model over a sequence, one layer at a time; each layer is computed once.</summary>
sealed class LayeredRun : IDisposable
{
    readonly Qwen2Model model;
    readonly Tensor stream, query, key;
    readonly CancellationToken cancellation;
    int next;

    /// <summary>Runs the model up to its first layer.</summary>
    public LayeredRun(Qwen2Model model, ReadOnlySpan<int> ids, CancellationToken cancellation)
    {
        (this.model, this.cancellation) = (model, cancellation);
        var (device, config, start) = (model.Device, model.Config, new Site(Activation.ResidualBefore, 0));
        var memory = new List<Tensor>();
        try
        {
            memory.Add(stream = device.Allocate(ids.Length, config.HiddenSize));
            memory.Add(query = device.Allocate(ids.Length, config.HeadCount, config.HeadSize));
            memory.Add(key = device.Allocate(ids.Length, config.KeyValueHeadCount, config.HeadSize));
            model.Run(ids, Options(start, new StartProbe(stream)));
        }
        catch
        {
            memory.ForEach(tensor => tensor.Dispose());
            throw;
        }
    }

    /// <summary>Runs the next layer.</summary>
    public void NextLayer()
    {
        var (start, end) = (new Site(Activation.ResidualBefore, next), new Site(Activation.ResidualAfter, next));
        model.RunFrom(start, stream, Options(end, new LayerProbe(this, end)) with { ProbeTakesBlocks = true });
        next++;
    }

    /// <summary>Computes rows of the pattern of the layer that ran last, <c>[heads, queries, keys]</c>, with as many
    /// keys as the last query sees.</summary>
    /// <param name="first">The first query.</param>
    /// <param name="count">The number of queries.</param>
    public float[] Pattern(int first, int count)
    {
        var (device, end) = (model.Device, first + count);
        using var pattern = device.Allocate(model.Config.HeadCount, count, end);
        device.Pattern(
            query.Slice(first, count), key.Slice(0, end), new(model.Config.WindowOf(next - 1), null), pattern);
        return device.Download(pattern);
    }

    /// <summary>Returns the stream after the layers that were run, <c>[positions, width]</c>.</summary>
    public float[] Stream() => model.Device.Download(stream);

    /// <summary>Computes the logits at some positions, after all layers were run. A position has its logits to
    /// itself.</summary>
    /// <param name="start">The first position.</param>
    /// <param name="count">The number of positions.</param>
    /// <param name="logits">What reads them.</param>
    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public void Unembed(int start, int count, LogitRows logits) => model.RunFrom(
        new(Activation.ResidualAfter, model.Config.LayerCount - 1), stream.Slice(start, count),
        Options(Site.FinalNorm, new NormProbe(logits)));

    /// <summary>Frees what lies on the device.</summary>
    public void Dispose()
    {
        stream.Dispose();
        query.Dispose();
        key.Dispose();
    }

    ForwardOptions Options(Site last, IProbe probe) =>
        new() { Probe = probe, StopAfter = last, Cancellation = cancellation };

    // Keeps the stream, and the queries and keys of a layer, which come in blocks.
    sealed class LayerProbe(LayeredRun run, Site end) : IProbe
    {
        int queries, keys;

        public bool Wants(Site site) => site == end
            || (site.Layer == end.Layer && site.Activation is Activation.RotatedQuery or Activation.RotatedKey);

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device)
        {
            if (site == end)
                device.Copy(activation, run.stream);
            else if (site.Activation == Activation.RotatedQuery)
                Keep(activation, run.query, ref queries);
            else
                Keep(activation, run.key, ref keys);

            void Keep(Tensor rows, Tensor all, ref int count)
            {
                device.Copy(rows, all.Slice(count, rows.Shape[0]));
                count += rows.Shape[0];
            }
        }
    }

    sealed class StartProbe(Tensor stream) : IProbe
    {
        public bool Wants(Site site) => site == new Site(Activation.ResidualBefore, 0);

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device) => device.Copy(activation, stream);
    }

    sealed class NormProbe(LogitRows logits) : IProbe
    {
        public bool Wants(Site site) => site == Site.FinalNorm;

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device) => logits.Unembed(activation);
    }
}
