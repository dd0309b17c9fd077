// An analysis of one's own, on the engine alone: how much does each head move, and from which token? An attention
// weight hides the length of the vector that it weighs; ‖A[p, i] · W_O v[i]‖ does not (Kobayashi et al., Attention is
// Not Only a Weight, 2020).
//   dotnet run -c Release --project samples/OwnAnalysis [FOLDER [PROMPT]]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Tensors;
using RatIlgpu.Tracing;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var prompt = args.ElementAtOrDefault(1) ?? "When Mary and John went to the store, John gave a drink to";
using var device = new CpuDevice();
using var model = LanguageModel.Load(args.ElementAtOrDefault(0) ?? DemoModel.Folder, device);
var (config, network, ids) = (model.Config, model.Network, model.EncodePrompt(prompt));

// The probe is shown patterns, [head, query, key], and values with their biases, [position, key/value head, headSize].
var probe = new Keep(Activation.Pattern, Activation.Value);
network.Run(ids.AsSpan(), new() { Probe = probe, StopAfter = new(Activation.Pattern, config.LayerCount - 1) });

var (count, heads, size) = (ids.Length, config.HeadCount, config.HeadSize);
var moved = new List<(HeadIndex Head, int Source, float Attention, double Length)>();
for (var layer = 0; layer < config.LayerCount; layer++)
{
    // W_O, [width, heads · headSize], in the format of its file: gathering its rows makes floats of them.
    var weight = network.Weights.Layers[layer].Output;
    using var rows = device.Allocate(config.HiddenSize, heads * size);
    device.Gather(weight, [.. Enumerable.Range(0, config.HiddenSize)], rows);
    var columns = device.Download(rows);
    foreach (var (head, source) in from head in Enumerable.Range(0, heads)
                                   from source in Enumerable.Range(0, count)
                                   select (head, source))
    {
        // Query heads of a group share a key/value head.
        var value = (source * config.KeyValueHeadCount + head / config.GroupSize) * size;
        var written = Enumerable.Range(0, config.HiddenSize).Select(row => Enumerable.Range(0, size).Sum(i =>
            columns[(row * heads + head) * size + i] * probe.Seen[new(Activation.Value, layer)][value + i]));
        var attention = probe.Seen[new(Activation.Pattern, layer)][(head * count + count - 1) * count + source];
        moved.Add((new(layer, head), source, attention, attention * Math.Sqrt(written.Sum(x => (double)x * x))));
    }
}

Console.WriteLine($"What heads move to the last of {count} tokens, the longest vectors first:");
foreach (var (head, source, attention, length) in moved.OrderByDescending(one => one.Length).Take(8))
    Console.WriteLine(
        $"  {head} from {PathText.Token(model.Tokenizer.Token(ids[source]))} at {source}: length {length:F3}, "
        + $"attention {attention * 100:F1} %");

sealed class Keep(params Activation[] wanted) : IProbe
{
    public Dictionary<Site, float[]> Seen { get; } = [];

    public void Begin(int firstPosition, int positionCount) => Seen.Clear();

    public bool Wants(Site site) => wanted.Contains(site.Activation);

    public void Show(Site site, Tensor activation, Device device) => Seen[site] = device.Download(activation);
}
