using System.Collections.Concurrent;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Life;
using Orleans;

namespace Kameo.Actors.Tests.Local;

/// <summary>An activation that ends with calls left, one after the other, and a caller that has references of every age.</summary>
public sealed class SuccessionTests
{
    private const int CallersCount = 3;
    private static readonly TimeSpan s_span = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Calls_by_an_old_reference_and_by_fresh_ones_run_in_the_order_in_which_they_were_made()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        ActorNode node = cluster.Nodes[0];
        long until = Environment.TickCount64 + (long)s_span.TotalMilliseconds;
        await Task.WhenAll(Enumerable.Range(0, CallersCount).Select(_ => Task.Run(() => CallAsync(node, Journal.NewKey(), until))));
        Assert.Empty(HeirActor.Wrong);
    }

    private static async Task CallAsync(ActorNode node, string key, long until)
    {
        IHeir old = node.Get<IHeir>(key);
        int number = 0;
        while (Environment.TickCount64 < until && HeirActor.Wrong.IsEmpty)
        {
            for (int call = 0; call < 50; call++)
            {
                _ = old.Tell().Leave(++number);
                _ = node.Get<IHeir>(key).Tell().Stay(++number);
                _ = old.Tell().Stay(++number);
                _ = node.Get<IHeir>(key).Tell().Stay(++number);
            }

            await old.Stay(++number);
        }
    }

    public interface IHeir : IGrainWithStringKey
    {
        ValueTask Stay(int number);

        ValueTask Leave(int number);
    }

    public sealed class HeirActor : Actor, IHeir
    {
        private static readonly ConcurrentDictionary<string, int> s_last = new();

        public static ConcurrentQueue<string> Wrong { get; } = new();

        public ValueTask Stay(int number)
        {
            int last = s_last.GetValueOrDefault(Key.Text);
            if (number <= last)
            {
                Wrong.Enqueue($"{number} ran after {last}");
            }

            s_last[Key.Text] = number;
            return default;
        }

        public ValueTask Leave(int number)
        {
            DeactivateOnIdle();
            return Stay(number);
        }
    }
}
