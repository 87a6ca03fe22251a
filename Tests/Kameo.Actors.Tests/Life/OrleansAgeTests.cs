using Kameo.Actors.Collection;

namespace Orleans
{
    /// <summary>As Orleans 10 has it, as far as it matters here.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CollectionAgeLimitAttribute : Attribute
    {
        public double Days { get; set; }

        public double Hours { get; set; }

        public double Minutes { get; set; }

        public bool AlwaysActive { get; set; }
    }
}

namespace Kameo.Actors.Tests.Life
{
    /// <summary>Orleans' own attribute means what ours does.</summary>
    public sealed class OrleansAgeTests
    {
        [Fact]
        public void It_is_matched_by_name()
        {
            Assert.Equal(TimeSpan.FromMinutes(90), OrleansAge.Of(typeof(Limited)));
            Assert.Equal(TimeSpan.FromMinutes(90), OrleansAge.Of(typeof(Derived)));
            Assert.Equal(TimeSpan.MaxValue, OrleansAge.Of(typeof(Kept)));
            Assert.Null(OrleansAge.Of(typeof(OfShortAgeActor)));
        }

        [Orleans.CollectionAgeLimit(Hours = 1, Minutes = 30)]
        private class Limited;

        private sealed class Derived : Limited;

        [Orleans.CollectionAgeLimit(AlwaysActive = true)]
        private sealed class Kept;
    }
}
