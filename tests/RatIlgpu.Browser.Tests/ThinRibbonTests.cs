namespace RatIlgpu.Browser.Tests;

/// <summary>Selecting ribbons that are too thin to click exactly.</summary>
public sealed class ThinRibbonTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_click_beside_a_thin_ribbon_selects_it()
    {
        Open(address: "#w=attention");
        var found = Script<IReadOnlyCollection<object>>("""
            for (const line of document.querySelectorAll('.ln')) {
              if (line.getAttribute('stroke-width') > 6) continue;
              for (let part = 0.1; part < 0.9; part += 0.05)
                for (const aside of [-5, 5]) {
                  const place = line.getPointAtLength(line.getTotalLength() * part);
                  const { x, y } = place.matrixTransform(line.getScreenCTM());
                  const at = document.elementFromPoint(x, y + aside);
                  if (at?.matches('.hold') && at.dataset.edge === line.dataset.edge)
                    return [at.dataset.edge, x, y + aside];
                }
            }
            return null;
            """).ToArray();
        var (x, y) = (Coordinate(found[1]), Coordinate(found[2]));
        ClickAt(x, y);
        Assert.Equal("e" + found[0], Data("sel"));
    }

    [Fact]
    public void Ribbons_have_wider_hit_areas_under_touch()
    {
        Open();
        Assert.Equal("12px", Find(".hold").GetCssValue("stroke-width"));
        Driver.ExecuteCdpCommand("Emulation.setTouchEmulationEnabled", new() { ["enabled"] = true });
        try
        {
            Assert.Equal("24px", Find(".hold").GetCssValue("stroke-width"));
        }
        finally
        {
            Driver.ExecuteCdpCommand("Emulation.setTouchEmulationEnabled", new() { ["enabled"] = false });
        }
    }

    static double Coordinate(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
