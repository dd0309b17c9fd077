using RatIlgpu.Cli.Components;

namespace RatIlgpu.Cli.Ablation;

/// <summary>The rows of a prediction table without components: of queries at t and of keys at t − 1, for all heads and
/// for single ones.</summary>
sealed class RemovedRows
{
    readonly Session session;
    readonly AblatedComponents all;
    readonly ImmutableArray<(string Name, AblatedComponents Components)> rows;

    /// <summary>Prepares the rows.</summary>
    /// <param name="components">The components.</param>
    /// <param name="session">The model.</param>
    /// <param name="layer">The layer; null for that of the heads, or else the last but one.</param>
    /// <param name="heads">The heads that have rows of their own, of the layer.</param>
    /// <exception cref="ArgumentException">The model does not have the layer, or a head or component of
    /// it.</exception>
    public RemovedRows(
        RemovedComponents components, Session session, Index? layer, ImmutableArray<HeadIndex> heads)
    {
        this.session = session;
        var place = layer is null && !heads.IsEmpty ? heads[0].Layer : session.LayerOf(layer);
        all = components.Of(session, place);
        int[] own = [.. heads.Where(head => head.Layer == place).Select(head => head.Head)];
        rows =
        [
            ($"without {all}", all),
            .. own.Length == 0
                ? []
                : components.OfHeads(all, own).Components.GroupBy(one => one.Head!.Value).OrderBy(head => head.Key)
                    .Select(head => (
                        $"without {Of([.. head.Select(one => one with { Head = null })])} of "
                        + new HeadIndex(place, head.Key), Of([.. head]))),
        ];

        AblatedComponents Of(ValueArray<AblatedComponent> some) => all with { Components = some };
    }

    /// <summary>Returns the rows of a prompt. Its first position has no key before it.</summary>
    public ImmutableArray<GivenCondition> Of(PredictionPrompt prompt)
    {
        var t = prompt.Position;
        var network = session.Model.Network;
        var run = new Recorder(network).Record(
            prompt.Ids.AsSpan()[..(t + 1)], [new(Activation.AttentionInput) { Layers = [all.Layer] }],
            cancellation: session.Cancellation);
        return
        [
            .. from row in rows
               let there = row.Components with
               {
                   Components =
                   [
                       .. row.Components.Components.Where(one =>
                           t > 0 || one.Projection == AttentionProjection.Query),
                   ],
               }
               select new GivenCondition(row.Name, [.. there.At(network, run, [t], [t - 1])])
               {
                   Components = row.Components,
               },
        ];
    }
}
