#include "admin/top/top_json.h"

#include "admin/view/fleet_json.h"

static void add_rate(json_t *rates, const char *name, int64_t tenths)
{
    json_object_set_new(rates, name, tenths < 0 ? json_null() : json_real((double)tenths / 10));
}

static json_t *rates_json(const struct top_rate *rate)
{
    json_t *rates = json_object();

    add_rate(rates, "taken", rate->taken);
    add_rate(rates, "done", rate->done);
    add_rate(rates, "failed", rate->failed);
    add_rate(rates, "dead", rate->dead);
    add_rate(rates, "duplicate", rate->duplicate);
    return rates;
}

json_t *top_json(const struct top_model *model)
{
    json_t *object = fleet_json(&model->now);
    json_t *queues = json_object_get(object, "queues"), *queue;
    size_t i;

    json_array_foreach(queues, i, queue)
    {
        json_object_set_new(queue, "rates", rates_json(&model->rate[i]));
    }
    if (object != NULL)
        json_object_set_new(object, "rates", rates_json(&model->total));
    return object;
}
