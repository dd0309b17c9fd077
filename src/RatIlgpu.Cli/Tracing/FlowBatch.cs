using System.Text.Json;
using RatIlgpu.Devices;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Tracing;

/// <summary>Traces the prompts of a session through all layers.</summary>
/// <param name="session">The session.</param>
/// <param name="settings">The prompts, their continuations and the heads that are left out.</param>
/// <param name="options">The options of the flow.</param>
sealed class FlowBatch(Session session, TraceSettings settings, FlowOptions options)
{
    // What the names of the files of flows begin with.
    const string Stem = "flow";

    /// <summary>Traces, prints and writes.</summary>
    /// <param name="look">The title and the theme of the page and the figure.</param>
    /// <param name="folder">The folder of the page and the data.</param>
    /// <param name="svg">The figure.</param>
    /// <returns>The file of the page.</returns>
    public string Run(FlowPageOptions look, OutputFolder folder, SvgOutput svg)
    {
        var batch = new TraceBatch(session, settings);
        var names = batch.Names;
        folder.Need([.. batch.Places.Select(place => names.FileOf(place, Stem))]);
        var results = Trace(batch.Prompts);
        ImmutableArray<FlowResult> all = [.. results.SelectMany(flows => flows)];
        var files = TraceCommand.AndPrint(
            () => TraceFiles.Write(
                () => FlowPage.Render(all, look),
                [
                    .. all.Select(flow => (
                        names.FileOf(PlaceOf(flow), Stem), (Action<Stream>)(stream => FlowJson.Write(flow, stream)))),
                ],
                folder, session),
            () => FlowReport.Print(results, settings, session));
        TraceCommand.Say(files, session.Report);
        var opening = FlowPage.OpeningOf(all);
        svg.Write(
            () => FlowPage.ToSvg(opening, look), session.Report, TraceCommand.WhichOf(names, PlaceOf(opening)));
        session.Json.Write(stream => WriteJson(all, stream));
        return files.Page;
    }

    static TracePlace PlaceOf(FlowResult flow) =>
        new(flow.Prompt, flow.TargetPosition, flow.Options.ToLayer.Value, HeadAggregation.Mean);

    ImmutableArray<ImmutableArray<FlowResult>> Trace(ImmutableArray<TracePrompt> prompts)
    {
        using var progress = new ProgressLine(session.Terminal);
        var asked = options with { Interventions = session.Ablations(settings.Ablated) };
        return [.. prompts.Select(Flows)];

        ImmutableArray<FlowResult> Flows(TracePrompt prompt, int number)
        {
            var own = asked with { AttentionMask = prompt.AttentionMask };
            var tracer = new FlowTracer(session.Model)
            {
                Progress = new PartProgress(progress, number, 1, prompts.Length),
            };
            var found = session.Of(session.Prompts[number], () => tracer.TraceEach(
                prompt.Ids.AsSpan(), prompt.Positions!.Value, own, session.Cancellation));
            return
            [
                .. found.Select(flow => flow with
                {
                    Prompt = number, PromptLength = prompt.PromptLength!.Value, Origin = session.Origin,
                }),
            ];
        }
    }

    static void WriteJson(ImmutableArray<FlowResult> results, Stream destination)
    {
        if (results is [var single])
        {
            FlowJson.Write(single, destination);
            return;
        }

        using var json = new Utf8JsonWriter(destination, new() { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("kind", "flow");
        json.WriteNumber("version", 1);
        json.WriteStartArray("flows");
        foreach (var result in results)
        {
            json.WriteRawValue(FlowJson.Write(result));
            json.Flush();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
