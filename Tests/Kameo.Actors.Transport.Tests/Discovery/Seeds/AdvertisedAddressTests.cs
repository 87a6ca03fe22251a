using Kameo.Actors.Transport.Discovery.Seeds;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Discovery.Seeds;

/// <summary>Where a node says that it can be reached.</summary>
public sealed class AdvertisedAddressTests
{
    [Theory]
    [InlineData("node-0.nodes.prod.svc", "node-0.nodes.prod.svc:4711")]
    [InlineData("node-0.nodes.prod.svc:99", "node-0.nodes.prod.svc:99")]
    [InlineData("10.0.0.1", "10.0.0.1:4711")]
    [InlineData("[fd00::1]", "[fd00::1]:4711")]
    [InlineData("fd00::1", null)]
    [InlineData("no host", null)]
    [InlineData("host:0", null)]
    public void A_host_without_a_port_gets_the_one_that_is_listened_on(string text, string? expected) => Assert.Equal(expected, AdvertisedAddress.Complete(text, 4711));

    [Fact]
    public async Task The_option_may_leave_the_port_to_the_one_that_is_listened_on()
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(static options => options.AdvertisedAddress = "node.test"));
        Assert.Equal($"node.test:{node.LocalEndPoint!.Port}", node.AdvertisedAddress);
        Assert.Contains("AdvertisedAddress", Assert.Single(TwoNodes.Options(static options => options.AdvertisedAddress = "no host").Validate()), StringComparison.Ordinal);
        Assert.Contains("AdvertisedAddress", Assert.Single(TwoNodes.ClientOptions(static options => options.AdvertisedAddress = "node.test").Validate()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peers_are_told_what_the_environment_says_unless_the_options_say_otherwise()
    {
        Environment.SetEnvironmentVariable(AdvertisedAddress.Variable, "node-0.nodes.test");
        try
        {
            await using TransportNode one = await TransportNode.StartAsync(TwoNodes.Options());
            await using TransportNode two = await TransportNode.StartAsync(TwoNodes.Options(static options => options.AdvertisedAddress = "elsewhere.test:1"));
            await using TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions());
            Assert.Null(client.AdvertisedAddress);
            Peer first = await client.ConnectAsync(one.LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
            Peer second = await client.ConnectAsync(two.LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
            Assert.Equal($"node-0.nodes.test:{one.LocalEndPoint!.Port}", first.AdvertisedAddress);
            Assert.Equal("elsewhere.test:1", second.AdvertisedAddress);
        }
        finally
        {
            Environment.SetEnvironmentVariable(AdvertisedAddress.Variable, null);
        }
    }
}
