using RatIlgpu.Tracing;

namespace RatIlgpu.Properties;

/// <summary>The search as it is defined, without any care for time and memory.</summary>
static class PlainSearch
{
    /// <summary>Keeps every finished path and sorts everything whole.</summary>
    public static BeamPath[] Beam(SearchCase it)
    {
        List<BeamPath> live = [new([it.Target], [], 0, 0)];
        List<BeamPath> finished = [];
        while (live.Count > 0)
        {
            List<BeamPath> grown = [];
            foreach (var path in live)
            {
                var steps = Steps(it, path.Positions[^1]).Take(it.Options.TopK).ToArray();
                if (steps.Length == 0)
                    finished.Add(path);
                foreach (var key in steps)
                    (key == 0 || it.Ends.Contains(key) ? finished : grown).Add(Longer(it, path, key));
            }

            live = [.. grown.OrderByDescending(path => path.Score).Take(it.Options.TopBeam)];
        }

        return [.. finished.OrderByDescending(path => path.Score).Take(it.Options.TopBeam)];
    }

    /// <summary>Walks every path to its end.</summary>
    public static IEnumerable<BeamPath> All(SearchCase it) => From(it, new([it.Target], [], 0, 0));

    static IEnumerable<BeamPath> From(SearchCase it, BeamPath path)
    {
        var position = path.Positions[^1];
        var steps = path.EdgeCount > 0 && it.Ends.Contains(position) ? [] : Steps(it, position);
        return steps.Length == 0 ? [path] : steps.SelectMany(key => From(it, Longer(it, path, key)));
    }

    static int[] Steps(SearchCase it, int query)
    {
        var keys = Enumerable.Range(0, query).Where(key => it.Allows(query, key));
        return [.. keys.OrderByDescending(key => it.Rows[query][key])];
    }

    static BeamPath Longer(SearchCase it, BeamPath path, int key)
    {
        double attention = it.Rows[path.Positions[^1]][key];
        var raw = path.RawScore + Math.Log(Math.Max(attention, 1e-12));
        var score = it.Options.LengthNormalization.Apply(raw, path.EdgeCount + 1);
        return new(path.Positions.Add(key), path.EdgeAttentions.Add(attention), raw, score);
    }
}
