using System.Security.Cryptography;
using System.Text;
using Forge.Grains.Sessions;
using Forge.Integrity;

namespace Forge.Grains.Tests.Sessions;

public class KnownLinksTests
{
    [Fact]
    public void Has_OfTheNewestLinks_IsTrueForTheVeryValueAlone()
    {
        var links = new KnownLinks();
        Assert.False(links.Has(Of(1)));
        for (var position = 1; position <= (3 * KnownLinks.Capacity) + 5; position++)
        {
            links.Add(position, Chain(position));
            for (var back = 0; back < KnownLinks.Capacity + 2; back++)
            {
                var anchor = Of(position - back);
                Assert.Equal(back < KnownLinks.Capacity && position - back > 0, links.Has(anchor));
                Assert.False(links.Has(anchor with { Chain = Of(position - back + 1).Chain }));
            }
        }

        links.Clear();
        Assert.False(links.Has(Of((3 * KnownLinks.Capacity) + 5)));
        links.Add(7, Chain(7));
        Assert.True(links.Has(Of(7)));
    }

    [Fact]
    public void Has_OfPositionsOutOfOrder_IsTrueForAll()
    {
        var links = new KnownLinks();
        long[] positions = [100, 3, 101, 50, 102];
        foreach (var position in positions)
        {
            links.Add(position, Chain(position));
        }

        Assert.All(positions, position => Assert.True(links.Has(Of(position))));
        Assert.False(links.Has(Of(51)));
    }

    [Fact]
    public void Add_WithoutAValue_IsNoLink()
    {
        var links = new KnownLinks();
        links.Add(1, null);

        Assert.False(links.Has(new Anchor(1, "")));
        Assert.False(links.Has(new Anchor(1, null!)));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("00ff", true)]
    [InlineData("00FF", true)]
    [InlineData("00fe", false)]
    [InlineData("00f", false)]
    [InlineData("00ff00", false)]
    [InlineData("00fg", false)]
    public void IsValue_OfAText_IsTrueForTheSameBytes(string? text, bool expected) => Assert.Equal(expected, KnownLinks.IsValue(text, [0, 255]));

    private static Anchor Of(long position) => new(position, Convert.ToHexStringLower(Chain(position)));

    private static byte[] Chain(long position) => SHA256.HashData(Encoding.ASCII.GetBytes($"{position}"));
}
