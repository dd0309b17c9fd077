using System.Collections.Immutable;
using System.Text.Json;
using RatIlgpu.Analysis;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Writes what patches did; the form is told in docs/analysis.md.</summary>
static class PatchJson
{
    /// <summary>Writes it.</summary>
    public static void Write(
        Utf8JsonWriter json, LanguageModel model, PromptPair pair, LogitMetric.Logit metric, PatchFindings found)
    {
        json.WriteStartObject();
        AnalysisJson.WriteHead(json, "patch", model);
        AnalysisJson.WriteTokens(json, "clean", pair.Clean, model);
        AnalysisJson.WriteTokens(json, "corrupted", pair.Corrupted, model);
        AnalysisJson.WriteTarget(json, metric.Target, metric.Position.Value, model);
        AnalysisJson.WriteNumber(json, "clean_metric", found.Clean);
        AnalysisJson.WriteNumber(json, "corrupted_metric", found.Corrupted);
        if (found.Grid is { } grid)
            WriteGrid(json, grid);
        else if (found.Layers.IsEmpty)
            WritePaths(json, found.Paths);
        else
            WriteLayers(json, found.Layers);
        json.WriteEndObject();
    }

    static void WritePaths(Utf8JsonWriter json, ImmutableArray<PathPatchMap> maps)
    {
        json.WriteString("input", AnalysisJson.Name(maps[0].Input));
        json.WriteString("norm", AnalysisJson.Name(maps[0].Norm));
        json.WriteString("scope", AnalysisJson.Name(maps[0].Scope));
        json.WriteStartArray("sources");
        foreach (var map in maps)
        {
            json.WriteStartObject();
            json.WriteString("source", map.Source.ToString());
            json.WriteStartArray("paths");
            foreach (var destination in map.Destinations)
            {
                json.WriteStartObject();
                json.WriteString("destination", destination.ToString());
                AnalysisJson.WriteNumber(json, "metric", map[destination]);
                AnalysisJson.WriteNumber(json, "effect", map.Effect(destination));
                AnalysisJson.WriteNumber(json, "recovery", map.Recovery(destination));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteLayers(Utf8JsonWriter json, ImmutableArray<LayerPatchMap> maps)
    {
        json.WriteString("input", AnalysisJson.Name(maps[0].Input));
        json.WriteString("norm", AnalysisJson.Name(maps[0].Norm));
        json.WriteStartArray("sources");
        foreach (var map in maps)
        {
            json.WriteStartObject();
            json.WriteString("source", map.Source.ToString());
            json.WriteStartArray("layers");
            foreach (var layer in map.Layers)
            {
                json.WriteStartObject();
                json.WriteNumber("layer", layer);
                AnalysisJson.WriteNumber(json, "metric", map[layer]);
                AnalysisJson.WriteNumber(json, "effect", map.Effect(layer));
                AnalysisJson.WriteNumber(json, "recovery", map.Recovery(layer));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteGrid(Utf8JsonWriter json, PatchGrid grid)
    {
        json.WriteString("activation", AnalysisJson.Name(grid.Target.Activation));
        json.WriteString("scope", AnalysisJson.Name(grid.Target.Scope));
        json.WriteStartArray("patches");
        foreach (var cell in grid.Cells)
        {
            json.WriteStartObject();
            json.WriteNumber("layer", cell.Layer);
            AnalysisJson.WritePlace(json, "position", cell.Position);
            AnalysisJson.WritePlace(json, "head", cell.Head);
            AnalysisJson.WritePlace(json, "key", cell.Key);
            AnalysisJson.WriteNumber(json, "metric", grid[cell]);
            AnalysisJson.WriteNumber(json, "effect", grid.Effect(cell));
            AnalysisJson.WriteNumber(json, "recovery", grid.Recovery(cell));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
