using Forge.Grains.Hosting;
using Forge.Grains.Liveness;

namespace Forge.Grains.Tests.Liveness;

public sealed class LivenessOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreTaken() => Assert.True(new ForgeOptionsValidator().Validate(null, new()).Succeeded);

    [Theory]
    [InlineData(nameof(LivenessOptions.Interval), 0.0, "00:00:00.1000000 to 00:00:10.")]
    [InlineData(nameof(LivenessOptions.Interval), 11.0, "00:00:00.1000000 to 00:00:10.")]
    [InlineData(nameof(LivenessOptions.ConnectTimeout), 0.0, "00:00:00.1000000 to 00:00:10.")]
    [InlineData(nameof(LivenessOptions.ConnectTimeout), 11.0, "00:00:00.1000000 to 00:00:10.")]
    [InlineData(nameof(LivenessOptions.HangLimit), 14.0, "00:00:15 to 00:10:00.")]
    [InlineData(nameof(LivenessOptions.HangLimit), 601.0, "00:00:15 to 00:10:00.")]
    public void Validate_BadValue_IsNamedWithItsLimits(string setting, double seconds, string limits)
    {
        var options = new ForgeOptions();
        var value = TimeSpan.FromSeconds(seconds);
        typeof(LivenessOptions).GetProperty(setting)!.SetValue(options.Liveness, value);

        Assert.Equal(
            $"Forge:Liveness:{setting} is {value:c}; it must be from {limits}",
            Assert.Single(new ForgeOptionsValidator().Validate(null, options).Failures!));
    }
}
