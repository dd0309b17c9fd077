namespace RatIlgpu.Html;

/// <summary>Writes what the JSON that a page exports begins with.</summary>
static class FileHead
{
    // The version of the files of analyses, which the exported JSON repeats.
    const int Version = 3;

    /// <summary>Writes the member <c>head</c>: the kind of the file, the model and what made the results, as far as
    /// they are known.</summary>
    public static void Write(Utf8JsonWriter json, string kind, TracedModel? model, TraceOrigin? origin)
    {
        json.WriteStartObject("head");
        json.WriteString("kind", kind);
        json.WriteNumber("version", Version);
        if (model is not null)
        {
            json.WriteStartObject("model");
            json.WriteString("name", model.Name);
            json.WriteNumber("layer_count", model.LayerCount);
            json.WriteNumber("head_count", model.HeadCount);
            json.WriteNumber("key_head_count", model.KeyHeadCount);
            json.WriteEndObject();
        }

        if (origin is not null)
        {
            json.WriteStartObject("origin");
            foreach (var (name, text) in new[]
                { ("title", origin.Title), ("command", origin.Command), ("version", origin.Version) })
                if (text is not null)
                    json.WriteString(name, text);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
