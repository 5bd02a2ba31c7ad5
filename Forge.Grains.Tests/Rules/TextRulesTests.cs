using Forge.Errors;
using Forge.Grains.Rules;

namespace Forge.Grains.Tests.Rules;

public sealed class TextRulesTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a\0b")]
    public void RequireBytes_NotAText_NamesTheField(string? text) =>
        Assert.Equal("f", Assert.Throws<InvalidRequestException>(() => TextRules.RequireBytes("f", text, 10)).Field);

    [Fact]
    public void RequireBytes_BrokenSurrogates_NamesTheField() => Assert.All(["\ud800", "a\udc00b"], text =>
        Assert.Equal("f", Assert.Throws<InvalidRequestException>(() => TextRules.RequireBytes("f", text, 10)).Field));

    [Fact]
    public void RequireBytes_CountsUtf8()
    {
        TextRules.RequireBytes("f", "ü☃", 5);
        var error = Assert.Throws<OverLimitException>(() => TextRules.RequireBytes("f", "ü☃", 4));
        Assert.Equal((4, 5), (error.Limit, error.Actual));
    }
}
